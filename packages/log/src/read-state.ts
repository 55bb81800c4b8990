import type { DurableStreamOptions, LiveMode } from '@durable-streams/client'
import { isChangeEvent, StateIssue, toValue, upgradeEvent, validateRow, versionOf } from '@streamdb/state'
import type {
  CollectionDefinition,
  Migrate,
  SchemaUpgrade,
  StateDefinition,
  StateEvent,
} from '@streamdb/state'
import { defaultTimes } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import type { BatchSink, BatchSource, Checkpoint, ConnectionEvent, RestartReason } from './batch-source.ts'
import { createHttpSource } from './http-source.ts'
import type { OnMissing } from './http-source.ts'
import { Scheduler } from './scheduler.ts'
import { createSnapshotSource } from './snapshots/snapshot-source.ts'
import type { RedirectOptions } from './redirects.ts'
import type { SnapshotOptions } from './snapshots/snapshot-source.ts'
import { openStream } from './stream-options.ts'
import { decodeItem } from './too-large-item.ts'

/** What `readState` reads, and how. */
export interface ReadStateOptions extends Pick<DurableStreamOptions, 'headers' | 'params' | 'fetch'> {
  /** The stream's URL; a relative one is resolved against the page's location. Not with `source`. */
  readonly url?: string | undefined
  /** Which redirects are followed, with all headers; those to the same origin are. Not with `source`. */
  readonly redirects?: RedirectOptions | undefined
  /** Where batches come from instead, such as a recorded log. */
  readonly source?: BatchSource | undefined
  /** What `createStateSchema` returned: rows are validated, and come as its schemas return them. */
  readonly state?: StateDefinition | undefined
  /** The version of these schemas. By default that of `state`, or 1. */
  readonly version?: number | undefined
  /**
   * Brings the value of a row of an earlier version to the form of these schemas, as the option of `createStreamDB`: the
   * event comes in that form, or as a delete where no row is left. For types of `state`.
   */
  readonly migrate?: Migrate | undefined
  /** A checkpoint of an earlier reading: reading goes on behind it. */
  readonly from?: Checkpoint | undefined
  /** Whether, and how, to wait for what is appended. Default `false`: ends when all is read. */
  readonly live?: LiveMode | undefined
  /** Ends reading: the iteration throws its reason. */
  readonly signal?: AbortSignal | undefined
  readonly onMissing?: OnMissing | undefined
  /**
   * Begin with the newest snapshot, where there is one: its rows come as `insert` events between `snapshot-start` and
   * `snapshot-end`, then the log behind it. Not with `source`. Default `false`.
   */
  readonly snapshots?: boolean | SnapshotOptions | undefined
  /** How to wait and when to give up, in milliseconds. */
  readonly retry?: Partial<ReaderTimes> | undefined
  /** Called with events of the connection, such as a break; reading continues. */
  readonly onConnection?: ((event: ConnectionEvent) => void) | undefined
}

/** What `readState` gives, in the order of the log. */
export type StateRead =
  | {
      readonly type: 'event'
      readonly event: StateEvent
      /** Where reading can go on without missing an event; those of the same response come again. */
      readonly checkpoint: Checkpoint
    }
  /** An item that is no event, or whose row the schema refuses: it is skipped. */
  | { readonly type: 'invalid'; readonly issue: StateIssue; readonly checkpoint: Checkpoint }
  /** Everything until here can be left behind: reading can go on at the checkpoint, and nothing comes again. */
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint; readonly upToDate: boolean }
  /** Everything before is void: the stream was replaced, and is read from its beginning. */
  | { readonly type: 'restart'; readonly why: RestartReason }

/**
 * Reads a stream of state events, without any database: an iterable of decoded events with checkpoints.
 *
 * Breaks are waited out, as are credentials that are refused. Throws a `StreamDBError` where reading fails for good, and
 * the signal's reason. Ends when the stream is closed or, with `live: false`, when all is read. An invalid event is a
 * value, and stops nothing.
 *
 * @example
 * ```ts
 * for await (const read of readState({ url, live: false })) {
 *   if (read.type === 'event') console.log(read.event)
 * }
 * ```
 */
export async function* readState(options: ReadStateOptions): AsyncGenerator<StateRead, void> {
  const { from, signal, state = {}, migrate } = options
  const { version = versionOf(state) ?? 1 } = options
  signal?.throwIfAborted()
  const source = options.source ?? httpSource(options)
  const definitions = new Map(Object.values(state).map((each) => [each.type, each] as const))
  const queue = new ReadQueue(definitions, { version, migrate }, options.onConnection)
  const onAbort = (): void => queue.end(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  source.start(from, queue)
  try {
    for (;;) {
      const reads = await queue.next()
      if (reads === undefined) return
      for (const read of reads) {
        yield read
        signal?.throwIfAborted()
      }
    }
  } finally {
    source.stop()
    signal?.removeEventListener('abort', onAbort)
  }
}

function httpSource({
  url = '',
  headers,
  params,
  fetch,
  redirects,
  retry,
  live = false,
  onMissing,
  snapshots = false,
}: ReadStateOptions): BatchSource {
  const times: ReaderTimes = { ...defaultTimes, ...retry }
  const given = { url, ...(headers && { headers }), ...(params && { params }), ...(fetch && { fetch }) }
  const { stream, streamOptions } = openStream({ ...given, redirects, warnOnHttp: false }, times)
  const log = createHttpSource({ stream, streamOptions, live, times, onMissing })
  if (snapshots === false) return log
  return createSnapshotSource(log, {
    ...(snapshots === true ? {} : snapshots),
    ...{ stream, streamOptions, times },
  })
}

/** Holds what came until it is taken: the source waits meanwhile. */
class ReadQueue implements BatchSink {
  readonly #definitions: ReadonlyMap<string, CollectionDefinition>
  readonly #upgrade: SchemaUpgrade
  readonly #onConnection: ((event: ConnectionEvent) => void) | undefined
  readonly #scheduler = new Scheduler()
  #reads: StateRead[] = []
  #state: 'reading' | 'ended' | { readonly error: unknown } = 'reading'
  // Items of a response that was delivered in part, and broke off.
  #partial: { readonly from: string; count: number } | undefined
  #notifyReader: (() => void) | undefined
  #notifySource: (() => void) | undefined

  constructor(
    definitions: ReadonlyMap<string, CollectionDefinition>,
    upgrade: SchemaUpgrade,
    onConnection: ((event: ConnectionEvent) => void) | undefined,
  ) {
    this.#definitions = definitions
    this.#upgrade = upgrade
    this.#onConnection = onConnection
  }

  /** Resolves with what came; with nothing at the end. Throws what ended reading. */
  async next(): Promise<readonly StateRead[] | undefined> {
    for (;;) {
      if (typeof this.#state === 'object') throw this.#state.error
      if (this.#reads.length > 0) {
        const reads = this.#reads
        this.#reads = []
        return reads
      }
      if (this.#state === 'ended') return undefined
      // All that was given is used by now: the next batch may come.
      this.#notifySource?.()
      await new Promise<void>((resolve) => (this.#notifyReader = resolve))
    }
  }

  end(error: unknown): void {
    this.#state = { error }
    this.#notifyReader?.()
    this.#notifySource?.()
  }

  onBatch({ items, first, from, offset, complete, upToDate, streamId }: Parameters<BatchSink['onBatch']>[0]) {
    const done = this.#partial?.from === from ? this.#partial.count - first : 0
    const checkpoint: Checkpoint = { offset: from, streamId }
    for (let index = Math.max(0, done); index < items.length; index++) {
      this.#reads.push(this.#read(items[index], checkpoint))
    }
    this.#partial = complete ? undefined : { from, count: Math.max(first + items.length, done + first) }
    if (complete) this.#reads.push({ type: 'checkpoint', checkpoint: { offset, streamId }, upToDate })
    this.#notifyReader?.()
    return { type: 'continue' } as const
  }

  onSeekRefused(): void {
    // onBatch never seeks: a reset is delivered as an event.
  }

  onRestart(why: RestartReason): void {
    this.#partial = undefined
    this.#reads = [{ type: 'restart', why }]
    this.#notifyReader?.()
  }

  onConnection(event: ConnectionEvent): void {
    this.#onConnection?.(event)
    if (event.type === 'fail') this.end(event.error)
    if (event.type !== 'end') return
    this.#state = 'ended'
    this.#notifyReader?.()
  }

  async ready(): Promise<void> {
    if (this.#reads.length > 0 && this.#state === 'reading') {
      await new Promise<void>((resolve) => (this.#notifySource = resolve))
    }
    await this.#scheduler.yieldIfDue()
  }

  #read(item: unknown, checkpoint: Checkpoint): StateRead {
    const given = decodeItem(item)
    if (given instanceof StateIssue) return { type: 'invalid', issue: given, checkpoint }
    const definition = isChangeEvent(given) ? this.#definitions.get(given.type) : undefined
    if (!isChangeEvent(given) || definition === undefined) return { type: 'event', event: given, checkpoint }
    const event = upgradeEvent(given, this.#upgrade)
    if (event instanceof StateIssue) return { type: 'invalid', issue: event, checkpoint }
    if (event.headers.operation === 'delete') return { type: 'event', event, checkpoint }
    const row = validateRow(event, definition)
    if (row instanceof StateIssue) {
      // The event as it came.
      const issue = event === given ? row : new StateIssue({ ...row, event: given })
      return { type: 'invalid', issue, checkpoint }
    }
    return { type: 'event', event: { ...event, value: toValue(row, definition) }, checkpoint }
  }
}
