import type { Batch, BatchSource, Checkpoint, RestartReason } from './batch-source.ts'
import type { StreamDBError } from './errors.ts'
import type { MessageSender } from './http-sender.ts'
import type { Outbox } from './outbox.ts'
import type { StoredSize, StreamIdentity } from './stream-store.ts'
import type { TabsStatus } from './tabs-status.ts'
import type { WriteTransport } from './write-transport.ts'

/** The option `storage` of a database: saves the rows that it reads, so that the next database starts with them. */
export interface StreamStorage {
  /** Joins a database that is being created; nothing is opened before its source is started. */
  connect(context: StorageContext): StorageConnection
}

/** What a database gives its storage. */
export interface StorageContext {
  /** The stream's URL, resolved; the rows are stored under it. */
  readonly url: string
  /** The event types that have a collection. */
  readonly types: readonly string[]
  /** The version of the application's rows; 0 where it has none. */
  readonly version: number
  /** The log. */
  readonly source: BatchSource
  readonly identifier: StreamIdentifier
  /** Called with errors that do not stop reading. */
  readonly report: (error: StreamDBError) => void
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** Tells streams apart that have the same URL, one after the other. */
export interface StreamIdentifier {
  /** Returns what the server calls the stream, where it does. */
  findId(signal: AbortSignal): Promise<string | undefined>
  /** Returns what a batch says of the stream; nothing where it is the middle of a response. */
  anchorOf(batch: Batch): StreamIdentity['anchor']
  /** Tells whether the stream is the one that was stored. Rejects where the server cannot be reached. */
  check(identity: StreamIdentity, signal: AbortSignal): Promise<'same' | 'other'>
}

/** What a database uses of its storage. */
export interface StorageConnection {
  /** Delivers the stored rows, and then the log behind them; takes the place of the log. */
  readonly source: BatchSource
  /** Receives the rows that are read, and saves them. */
  readonly recorder: Recorder
  /**
   * Returns what writes by the outbox of all tabs, for a database that has not asked for `offline`: the tab that leads sends
   * what every tab has put there. Absent where tabs share nothing.
   */
  readonly shareWrites?: ((outbox: Outbox) => WriteTransport) | undefined
  /**
   * Keeps the database's writes until the log has them, where `offline` asks for it; takes the place of the transport. Called
   * once. `sender`: sends what is kept.
   */
  readonly createOutbox?: ((sender: MessageSender) => Outbox) | undefined
  /** What the application sees: `db.storage`. */
  readonly storage: DatabaseStorage
}

/** Receives the changes that a database reads, in the order of the log, and saves them later. All methods return at once. */
export interface Recorder {
  /** A row was put, by the value that the event has: of this version of the application. */
  onPut(type: string, key: string, value: unknown, version: number): void
  onDelete(type: string, key: string): void
  /** A change was read whose row the schema refused: the row before it stays. Another schema may take it. */
  onRefused(type: string, key: string, value: unknown, version: number): void
  /** What was recorded since the beginning is void. */
  onReset(): void
  /** A snapshot begins, or ends: what it holds takes the place of everything before. */
  onSnapshotStart(): void
  onSnapshotEnd(): void
  /** What was recorded is visible; a reader of it may resume at `checkpoint`. `txids`: the transactions among it. */
  onApplied(checkpoint: Checkpoint, txids: ReadonlySet<string>): void
  /** The log follows from its beginning: it takes the place of what is stored when it is read. */
  onRestart(why: RestartReason): void
}

/** Where the storage of a database stands. */
export type StorageStatus =
  /** Nothing was read yet. */
  | { readonly name: 'idle' }
  /** The store is being opened, and read. */
  | { readonly name: 'opening' }
  /** What is read is stored. `savedAt`: when rows were saved last, in milliseconds since the epoch. */
  | { readonly name: 'ready'; readonly savedAt?: number | undefined }
  /**
   * What was stored cannot be used, and is replaced once the log is read: another version of it is on the way. The rows
   * that are shown meanwhile may be old.
   */
  | {
      readonly name: 'rebuilding'
      readonly reason: RestartReason
      readonly error?: StreamDBError | undefined
    }
  /** Another tab saves. */
  | { readonly name: 'following'; readonly savedAt?: number | undefined }
  /** `clear()` was called: nothing is stored, and nothing will be until the next database. */
  | { readonly name: 'cleared' }
  /** Nothing is stored any more; the database goes on in memory. */
  | { readonly name: 'unavailable'; readonly error: StreamDBError }
  | { readonly name: 'closed' }

/** What an application can do with what is stored of a database. All functions are bound. */
export interface DatabaseStorage {
  readonly status: {
    readonly get: () => StorageStatus
    readonly subscribe: (run: () => void) => () => void
  }
  /** Which part this tab has among those that show the same stream. */
  readonly tabs: {
    readonly get: () => TabsStatus
    readonly subscribe: (run: () => void) => () => void
  }
  /**
   * Removes what is stored of this stream, writes in the outbox included, and stores nothing more until the next
   * database: for signing out. Rejects with `storage-failed`.
   */
  readonly clear: () => Promise<void>
  /** Counts what is stored. Reads all of it. Rejects with `storage-failed`. */
  readonly size: () => Promise<StoredSize>
  /** Asks the browser not to evict what this origin stores; says whether it agrees. */
  readonly persist: () => Promise<boolean>
  /**
   * Resolves when everything is saved that is visible now, also after `close()`. Resolves as well where nothing can be
   * saved: `status` says so.
   */
  readonly flush: () => Promise<void>
}
