import { defaultTimes, readState } from '@streamdb/log'
import type { Checkpoint, ConnectionEvent, StateRead } from '@streamdb/log'
import { mostRetries } from './append-batches.ts'
import type { Location } from './options.ts'
import type { Terminal } from './terminal.ts'

/** How a log is read. */
export interface ReadLogOptions {
  readonly from?: Checkpoint | undefined
  /** Wait for what is appended. A server that has answered once is waited for then, however long it is away. */
  readonly live?: boolean | undefined
  /** Begin with the newest snapshot, where there is one. */
  readonly snapshots?: boolean | undefined
  readonly terminal: Pick<Terminal, 'signal' | 'note'>
}

/** Reads a log to its end, or follows it; says on the standard error where the connection breaks. */
export function readLog(
  { url, headers }: Location,
  options: ReadLogOptions,
): AsyncGenerator<StateRead, void> {
  const { from, live = false, snapshots, terminal } = options
  let hasAnswered = false
  const giveUp = new AbortController()
  const onConnection = (event: ConnectionEvent): void => {
    if (event.type !== 'break' && event.type !== 'refuse') return
    terminal.note(`${event.error.message}; trying again`)
    if (live && !hasAnswered && event.type === 'break' && event.attempt > mostRetries)
      giveUp.abort(event.error)
    // Credentials of a command line are what they are.
    if (event.type === 'refuse') giveUp.abort(event.error)
  }
  const signal = AbortSignal.any([terminal.signal, giveUp.signal])
  const retry = { maxRetries: live ? Infinity : mostRetries }
  const reads = readState({
    url,
    headers,
    from,
    live,
    snapshots,
    signal,
    retry: { ...defaultTimes, ...retry },
    onConnection,
  })
  return watch(reads, () => (hasAnswered = true))
}

async function* watch(
  reads: AsyncGenerator<StateRead, void>,
  onRead: () => void,
): AsyncGenerator<StateRead, void> {
  for await (const read of reads) {
    onRead()
    yield read
  }
}

/** Returns the offset that the server stamped on something of its log: that behind it. */
export function stampOf(event: unknown): string | undefined {
  // Looked at, whatever it is.
  const { offset } = Object((Object(event) as { headers?: unknown }).headers) as { offset?: unknown }
  return typeof offset === 'string' ? offset : undefined
}
