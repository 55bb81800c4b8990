import type { OlderRows } from './older-rows.ts'
import type { StreamDBError } from './errors.ts'

/** A position in a log, from which reading can go on later, elsewhere. */
export interface Checkpoint {
  readonly offset: string
  /**
   * The id of the stream to which the offset belongs, if the server reports one: another stream under the same URL is read from
   * its beginning.
   */
  readonly streamId?: string | undefined
}

/** Items of a log in its order, and the positions between which they lie. A large response comes in several batches. */
export interface Batch {
  readonly items: readonly unknown[]
  /** How many items of the same response came in batches before this one. */
  readonly first: number
  /** Where the response begins. */
  readonly from: string
  /** Where reading goes on after the response. */
  readonly offset: string
  /** Whether these items are the last of the response. */
  readonly complete: boolean
  /** The log is now read to its end. */
  readonly upToDate: boolean
  /** The stream is closed, and all of it is read. */
  readonly closed: boolean
  readonly cursor?: string | undefined
  /** Bytes of pages read so far. */
  readonly bytes: number
  /** What `bytes` will be when all is read, where that is known. */
  readonly totalBytes?: number | undefined
  /** The stream that the offsets are of, where the server says which. */
  readonly streamId?: string | undefined
  /**
   * These are rows of a store, an `upsert` each, that are as old as it says: the last of such batches (`complete`) is
   * shown at once, and the log follows from `offset`.
   */
  readonly stored?: StoredOrigin | undefined
}

/** Where rows come from that were not read from the log just now. */
export interface StoredOrigin {
  /** When they were stored, in milliseconds since the epoch. */
  readonly savedAt: number
  /** The version of the application that stored them. */
  readonly version: number
}

/** What to do after a batch: read on behind it, or elsewhere (a `reset` with an offset). */
export type AfterBatch = { readonly type: 'continue' } | { readonly type: 'seek'; readonly offset: string }

/** Why the log is read from its beginning again; everything delivered before is void. */
export type RestartReason =
  /** The stream was deleted, or its offsets expired: 404 or 410 after it was read. */
  | 'stream-gone'
  /** The stream under the URL is another one, or was restored shorter than what was read. */
  | 'stream-replaced'
  /** The offset to read from is not, or no longer, one of the stream. */
  | 'offset-invalid'
  /** Rows that were stored do not add up. */
  | 'storage-corrupt'
  /** Rows of a type that has a collection were not stored. */
  | 'storage-incomplete'
  /** A snapshot that was read is gone, torn, or of another log; another one, or the log, is read instead. */
  | 'snapshot-lost'
  /** A collection was cleaned up by the application and is read again. */
  | 'collection-cleaned-up'
  /** Another tab has read further, and this one missed a batch: the rows that it stored are read. */
  | 'read-elsewhere'
  /** The application asked for it. */
  | 'requested'

/** Why the source should check that appended events arrive. */
export type VerifyReason =
  /** An acknowledged write did not come back within a second or two. */
  | 'unconfirmed-write'
  /** An append found no stream. */
  | 'append-not-found'
  /** An append did not reach the server, or was not answered. */
  | 'append-failed'
  /** The network came back, the page is shown again, or the machine woke up. */
  | 'wake'
  /** The application asked for it. */
  | 'requested'

/** How a source that is up to date follows the log. */
export type ReadMode = 'sse' | 'long-poll' | 'polling'

/** What happens to a connection. */
export type ConnectionEvent =
  | { readonly type: 'start' }
  /** All is read and no more will be. */
  | { readonly type: 'end'; readonly reason: 'stream-closed' | 'not-live' }
  /** Reading failed, and is tried again at `nextTry`; `now` and `nextTry` are milliseconds since the epoch. */
  | {
      readonly type: 'break'
      readonly attempt: number
      readonly now: number
      readonly nextTry: number
      readonly error: StreamDBError
    }
  /** The server refused the credentials; they are asked for again at `nextTry`. */
  | { readonly type: 'refuse'; readonly nextTry: number; readonly error: StreamDBError }
  /** Reading stopped for a reason that does not pass by itself; `start` tries again. */
  | { readonly type: 'fail'; readonly error: StreamDBError }
  /**
   * The way of reading changed, and is not at fault: `polling` while the page is hidden, or while more databases read
   * this origin than it has connections for.
   */
  | { readonly type: 'mode'; readonly mode: ReadMode }

/** Takes what a source delivers. */
export interface BatchSink {
  /** Applies a batch and returns where to continue. Throws to stop reading: the source then reports `fail`. */
  onBatch(batch: Batch): AfterBatch
  /**
   * The offset to which `onBatch` asked to seek is invalid, or lies behind the log's end. The batch is delivered again: the
   * sink applies its `reset` like one without an offset, and does not seek there again.
   */
  onSeekRefused(offset: string): void
  /**
   * The rows that the source left out of its last batch: the sink may read them at any time. Absent if the sink does not accept
   * incomplete states.
   */
  onOlderRows?(rows: OlderRows): void
  /** What was delivered is void: the log follows from its beginning. */
  onRestart(why: RestartReason): void
  onConnection(event: ConnectionEvent): void
  /** Resolves when the next batch may come: the last one is applied, and the event loop had its turn. */
  ready(): Promise<void>
}

/** Delivers batches in log order: from HTTP, from a recording, or from another tab. */
export interface BatchSource {
  /**
   * Starts reading at `from`; without it, where reading last stopped, and at first where the log begins. Does nothing
   * while it reads.
   */
  start(from: Checkpoint | undefined, sink: BatchSink): void
  /** Stops; all connections and timers are closed when it returns. `start` continues from here. */
  stop(): void
  /** Tries at once what waits to be tried again. */
  retryNow(): void
  /** Reads the log from its beginning again; calls `onRestart` first. Does nothing before the first `start`. */
  restart(reason: RestartReason): void
  /** Reads a page at once, beside what is under way; where it has news, the live connection is given up. */
  verify(reason: VerifyReason): void
}
