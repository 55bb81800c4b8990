import type { BatchSink, BatchSource, Checkpoint } from './batch-source.ts'
import { StreamDBError } from './errors.ts'
import { isBefore, start } from './offsets.ts'
import type { AppendHandle, AppendReceipt, OutgoingWrite, WriteTransport } from './write-transport.ts'

/** A log in memory: a recording to replay, a demonstration without a server, a test. */
export interface RecordedLog {
  /** Its batches, in order; the offset behind batch n is n. */
  readonly batches: readonly (readonly unknown[])[]
  /** Returns a source that delivers the log from its beginning; may be called several times. */
  readonly createSource: (options?: { readonly live?: boolean | undefined }) => BatchSource
  /** Appends to it. */
  readonly transport: WriteTransport
  readonly append: (items: readonly unknown[]) => void
  /** Ends it: no more will be appended. */
  readonly close: () => void
}

/** Records a log from batches. */
export function createRecordedLog(recorded: readonly (readonly unknown[])[] = []): RecordedLog {
  const batches = [...recorded]
  const readers = new Set<() => void>()
  let isClosed = false

  const wakeReaders = (): void => {
    for (const wake of [...readers]) wake()
  }
  const log: RecordedLog = {
    batches,
    createSource: ({ live = true } = {}) =>
      createRecordedSource({ batches, readers, live, isClosed: () => isClosed }),
    transport: {
      append: (write, signal) => appendLater(write, signal, log),
      retryNow: () => undefined,
    },
    append(items) {
      batches.push(items)
      wakeReaders()
    },
    close() {
      isClosed = true
      wakeReaders()
    },
  }
  return log
}

interface Recording {
  readonly batches: readonly (readonly unknown[])[]
  readonly readers: Set<() => void>
  readonly live: boolean
  readonly isClosed: () => boolean
}

function createRecordedSource({ batches, readers, live, isClosed }: Recording): BatchSource {
  let position = 0
  let sink: BatchSink | undefined
  let running: AbortController | undefined
  let restarts = 0

  // Never rejects: what the sink throws ends as an event.
  async function run({ signal }: AbortController, to: BatchSink): Promise<void> {
    let saysWhereItIs = true
    // Asynchronous, as a request is.
    await Promise.resolve()
    while (!signal.aborted) {
      const items = batches[position]
      if (items !== undefined || saysWhereItIs) deliver(items ?? [], to)
      saysWhereItIs = false
      await to.ready()
      if (signal.aborted) return
      if (position < batches.length) continue
      if (isClosed()) return finish({ type: 'end', reason: 'stream-closed' })
      if (!live) return finish({ type: 'end', reason: 'not-live' })
      await appended(signal)
      saysWhereItIs = isClosed()
    }
  }

  function deliver(items: readonly unknown[], to: BatchSink): void {
    const from = offsetOf(position)
    const next = Math.min(position + 1, batches.length)
    const upToDate = next === batches.length
    const seen = restarts
    const after = to.onBatch({
      items,
      first: 0,
      from,
      offset: offsetOf(next),
      complete: true,
      upToDate,
      closed: upToDate && isClosed(),
      bytes: 0,
    })
    // The sink may have called restart().
    if (seen !== restarts) return
    if (after.type === 'continue') {
      position = next
      return
    }
    const target = indexOf(after.offset)
    // Forward, and not behind the end; or back to the beginning.
    if (target === 0 || (target > position && target <= batches.length)) position = target
    else to.onSeekRefused(after.offset)
  }

  function appended(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        readers.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      readers.add(wake)
      signal.addEventListener('abort', wake)
    })
  }

  function finish(event: Parameters<BatchSink['onConnection']>[0]): void {
    source.stop()
    sink?.onConnection(event)
  }

  const source: BatchSource = {
    start(from: Checkpoint | undefined, given) {
      if (running !== undefined) return
      sink = given
      if (from !== undefined) position = Math.max(0, indexOf(from.offset))
      const own = (running = new AbortController())
      given.onConnection({ type: 'start' })
      run(own, given).catch((cause: unknown) => {
        if (own.signal.aborted) return
        const error =
          cause instanceof StreamDBError
            ? cause
            : new StreamDBError('stream-failed', `Reading the recording failed: ${String(cause)}`, { cause })
        finish({ type: 'fail', error })
      })
    },
    stop() {
      running?.abort()
      running = undefined
    },
    retryNow: () => undefined,
    restart(reason) {
      if (sink === undefined) return
      source.stop()
      restarts++
      position = 0
      sink.onRestart(reason)
      source.start(undefined, sink)
    },
    verify: () => undefined,
  }
  return source
}

function appendLater(write: OutgoingWrite, signal: AbortSignal | undefined, log: RecordedLog): AppendHandle {
  let state: 'queued' | 'sent' | 'withdrawn' = 'queued'
  const done = new Promise<AppendReceipt>((resolve, reject) => {
    const onAbort = (): void => {
      if (state === 'queued') state = 'withdrawn'
      // The reason is whatever the caller aborted with.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal?.reason)
    }
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    // Asynchronous, as a request is.
    queueMicrotask(() => {
      if (state !== 'queued') return
      state = 'sent'
      const items: unknown = JSON.parse(`[${write.body}]`)
      log.append(items as unknown[]) // an array, by its brackets
      resolve({ offset: offsetOf(log.batches.length) })
    })
  })
  done.catch(() => undefined)
  return {
    done,
    withdraw() {
      if (state !== 'queued') return false
      state = 'withdrawn'
      return true
    },
    seen: () => undefined,
  }
}

function offsetOf(index: number): string {
  return index === 0 ? start : String(index)
}

/** Returns the batch that begins at an offset; -1 where none does. */
function indexOf(offset: string): number {
  if (offset === start) return 0
  return /^[1-9]\d*$/.test(offset) && !isBefore(offset, '1') ? Number(offset) : -1
}
