import { isBefore, start, StreamDBError, toStreamDBError } from '@streamdb/log'
import type {
  Batch,
  BatchSink,
  BatchSource,
  Checkpoint,
  ConnectionEvent,
  RestartReason,
  StoredContent,
  StoredRow,
} from '@streamdb/log'

/** What a source of stored rows works with. */
export interface StoredSourceOptions {
  /** The log. */
  readonly log: BatchSource
  /** Opens the store; `undefined` where nothing is stored, or it cannot be used. Never rejects. */
  readonly open: (signal: AbortSignal) => Promise<StoredContent | 'corrupt' | undefined>
  /** Types that have a collection. */
  readonly types: readonly string[]
  /** Runs what delivers rows of `content`, which are stored already. */
  readonly deliver: <Value>(content: StoredContent, run: () => Value) => Value
  /** All of them are delivered; what follows is behind them. */
  readonly onLoaded: (content: StoredContent) => void
  /** Tells whether the log is still the one that was stored; resolves before anything of it is read. */
  readonly isSame: (content: StoredContent, signal: AbortSignal) => Promise<boolean>
  /** The stored rows were used, or not: what is read from now on is to be saved. */
  readonly onFollow: () => void
  /** Takes note of a batch of the log. */
  readonly onBatch: (batch: Batch) => void
}

type SourceState =
  | { readonly name: 'new' }
  | { readonly name: 'loading'; readonly abort: AbortController; readonly sink: BatchSink }
  /** Stopped while it loaded: what was delivered is a part. */
  | { readonly name: 'interrupted' }
  | { readonly name: 'following'; readonly sink: BatchSink }

/** A source of stored rows, and of the log behind them. */
export interface StoredSource extends BatchSource {
  /** Reads what is stored once more: another tab has saved it. The rows that are shown stay until then. */
  reload(): void
}

/** Returns a source that delivers what is stored, at once, and then the log from there. */
export function createStoredSource(options: StoredSourceOptions): StoredSource {
  const { log } = options
  let state: SourceState = { name: 'new' }
  let from: Checkpoint | undefined

  // Never rejects: whatever happens ends as an event.
  async function load(abort: AbortController, sink: BatchSink): Promise<void> {
    const { signal } = abort
    try {
      const content = await options.open(signal)
      if (signal.aborted) return
      if (content === 'corrupt' && from === undefined) sink.onRestart('storage-corrupt')
      if (content === undefined || content === 'corrupt' || !isFurther(content.head.checkpoint, from))
        return follow(from, sink)
      const why = await deliver(content, signal, sink)
      if (signal.aborted) return
      if (why === undefined && (await options.isSame(content, signal))) {
        if (!signal.aborted) follow(content.head.checkpoint, sink)
      } else if (!signal.aborted) {
        sink.onRestart(why ?? 'stream-replaced')
        follow({ offset: start }, sink)
      }
    } catch (error) {
      if (signal.aborted) return
      state = { name: 'interrupted' }
      sink.onConnection({ type: 'fail', error: toStreamDBError(error, 'stream-failed', 'Loading failed') })
    }
  }

  /** Delivers stored rows; returns why they are of no use, or not all. */
  async function deliver(
    content: StoredContent,
    signal: AbortSignal,
    sink: BatchSink,
  ): Promise<RestartReason | undefined> {
    const { head } = content
    const { offset, streamId } = head.checkpoint
    const known = new Set(options.types)
    const isKnown = head.types.every((type) => known.has(type))
      ? undefined
      : ([type]: StoredRow) => known.has(type)
    let first = 0
    const send = (items: readonly unknown[], complete: boolean): void => {
      const end = { complete, upToDate: false, closed: false, bytes: 0, streamId }
      const stored = { savedAt: head.savedAt, version: head.version }
      options.deliver(content, () => sink.onBatch({ items, first, from: storeStart, offset, ...end, stored }))
      first += items.length
    }
    // Rows that somebody else has read are there already: what is stored takes their place.
    if (from !== undefined) send([{ headers: { control: 'reset' } }], false)
    try {
      for await (const rows of content.rows) {
        for (let index = 0; index < rows.length; index += SLICE) {
          if (signal.aborted) return undefined
          const slice = rows.slice(index, index + SLICE)
          send((isKnown ? slice.filter(isKnown) : slice).map(toEvent), false)
          await sink.ready()
        }
        if (signal.aborted) return undefined
      }
    } catch (error) {
      if (error instanceof StreamDBError && error.code === 'storage-corrupt') return 'storage-corrupt'
      if (error instanceof StreamDBError && error.code === 'storage-failed') return 'storage-corrupt'
      throw error
    }
    send([], true)
    options.onLoaded(content)
    await sink.ready()
    return options.types.every((type) => head.types.includes(type)) ? undefined : 'storage-incomplete'
  }

  function follow(at: Checkpoint | undefined, sink: BatchSink): void {
    state = { name: 'following', sink }
    options.onFollow()
    log.start(at, toLogSink(sink, options, true))
  }

  return {
    start(given, sink) {
      if (state.name === 'loading') return
      if (state.name === 'following') {
        state = { name: 'following', sink }
        return log.start(given, toLogSink(sink, options, false))
      }
      from = given ?? from
      const abort = new AbortController()
      const wasInterrupted = state.name === 'interrupted'
      state = { name: 'loading', abort, sink }
      sink.onConnection({ type: 'start' })
      if (abort.signal.aborted) return
      if (wasInterrupted) sink.onRestart('requested')
      void load(abort, sink)
    },
    reload() {
      if (state.name !== 'following') return
      const { sink } = state
      log.stop()
      const abort = new AbortController()
      state = { name: 'loading', abort, sink }
      from = undefined
      // Of a database that had failed: the leader reads again.
      sink.onConnection({ type: 'start' })
      sink.onRestart('read-elsewhere')
      void load(abort, sink)
    },
    stop() {
      if (state.name === 'following') log.stop()
      if (state.name !== 'loading') return
      const { abort } = state
      state = { name: 'interrupted' }
      abort.abort()
    },
    retryNow() {
      if (state.name === 'following') log.retryNow()
    },
    restart(reason) {
      if (state.name === 'following') return log.restart(reason)
      if (state.name !== 'loading') return
      const { abort, sink } = state
      abort.abort()
      sink.onRestart(reason)
      follow({ offset: start }, sink)
    },
    verify(reason) {
      if (state.name === 'following') log.verify(reason)
    },
  }
}

/** How many rows are validated at once: a frame is not held for longer than that. */
const SLICE = 500

/** Stored batches are no response of the log's: no offset is spelled so. */
const storeStart = 'stored'

const plainHeaders = Object.freeze({ operation: 'upsert' })

function toEvent([type, key, value, version = 1]: StoredRow): unknown {
  const headers = version === 1 ? plainHeaders : { operation: 'upsert', schemaVersion: version }
  return { type, key, value, headers }
}

/** Tells whether stored rows are to be shown: nothing is there yet, or what somebody else has read is older. */
function isFurther({ offset, streamId }: Checkpoint, from: Checkpoint | undefined): boolean {
  if (from === undefined) return true
  // What a server rendered just now is of the stream that there is.
  if (streamId !== undefined && from.streamId !== undefined && streamId !== from.streamId) return false
  return isBefore(from.offset, offset)
}

function toLogSink(sink: BatchSink, { onBatch }: StoredSourceOptions, hasStarted: boolean): BatchSink {
  let isStartToldOf = hasStarted
  return {
    onBatch(batch) {
      onBatch(batch)
      return sink.onBatch(batch)
    },
    onSeekRefused: (offset) => sink.onSeekRefused(offset),
    onRestart: (why) => sink.onRestart(why),
    onConnection(event: ConnectionEvent) {
      // Loading from the store began with it.
      if (event.type === 'start' && isStartToldOf) isStartToldOf = false
      else sink.onConnection(event)
    },
    ready: () => sink.ready(),
  }
}
