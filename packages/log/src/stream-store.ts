import type { Anchor } from './anchor.ts'
import type { Checkpoint } from './batch-source.ts'
import type { OutboxStore } from './stored-write.ts'

/**
 * A row as it is stored: the value is that of its event, before the schema, as JSON. A changed schema is then a new
 * validation, and no migration.
 */
export type StoredRow = readonly [
  type: string,
  key: string,
  value: unknown,
  /** The version of the application that the value is of; 1 where it is absent. */
  version?: number,
  /** The schema refused it: the row before it is the one that is shown. Another schema may take it. */
  isRefused?: boolean,
]

/** A change of a row; without a value, its deletion. JSON, but for the value, which is that of an event. */
export type StoredChange = StoredRow | readonly [type: string, key: string]

/** What tells a stream from another one under the same URL. */
export interface StreamIdentity {
  /** What the server says: `Stream-Incarnation`, or the id in the ETag of HEAD. */
  readonly id?: string | undefined
  /** The same stream has the same item there. */
  readonly anchor?: Anchor | undefined
}

/** What is known of stored rows without reading them. */
export interface StoredHead {
  /** Where the stored rows end in the log. Never inside a snapshot or a transaction. */
  readonly checkpoint: Checkpoint
  readonly identity: StreamIdentity
  /** When they were saved, in milliseconds since the epoch. */
  readonly savedAt: number
  /** The version of the application that saved them. */
  readonly version: number
  /** The event types whose rows are stored. Rows of other types were not kept: the log has them. */
  readonly types: readonly string[]
}

/** What a store holds of a stream. */
export interface StoredContent {
  readonly head: StoredHead
  /**
   * The rows in the order of their first insertion, some thousands at a time; to be read once. Throws `storage-corrupt`
   * where they do not add up, be it at the last of them, and `storage-failed` where they cannot be read.
   */
  readonly rows: AsyncIterable<readonly StoredRow[]>
}

/** Changes to be stored in one transaction, together with where they lead. */
export interface StoreCommit {
  readonly head: Omit<StoredHead, 'savedAt'>
  /** Every row that `changes` does not put is gone: a first load, a reset, a snapshot. */
  readonly replaces: boolean
  /** In order; iterated once. A key that is deleted and put again later has a new place. */
  readonly changes: Iterable<StoredChange>
  /** Transactions that the log has by now: their writes leave the outbox in the same transaction. */
  readonly txids?: Iterable<string> | undefined
}

/**
 * What is stored of one stream: rows with their checkpoint, the outbox, and the epoch of the tab that may save. Several tabs
 * may have it open at once, and see each other's transactions.
 *
 * All methods reject with a `StreamDBError`: `storage-failed` (it cannot be read or written, or was closed), `storage-full`,
 * `storage-newer` (a later version of this library wrote it; it is left as it is).
 */
export interface OpenStore {
  /** Returns what is stored, or `undefined`. Rejects with `storage-corrupt` where it cannot be used. */
  load(): Promise<StoredContent | undefined>
  /** Returns what is known of the stored rows, without reading them: a follower sees by it whether it has them all. */
  readHead(): Promise<StoredHead | undefined>
  /**
   * Stores changes and checkpoint in one transaction: after a crash it is whole, or was not begun. Calls wait for each
   * other. Rejects with `storage-stale` where `epoch` is not the last that was claimed: nothing is stored then.
   */
  save(commit: StoreCommit, epoch: number): Promise<void>
  /**
   * Returns a new epoch, one higher than any before. From then on `save` and the outbox refuse earlier ones: a tab that
   * was frozen and lost the lead changes nothing when it wakes up. It is not lowered by `clear`.
   */
  claim(): Promise<number>
  /** Returns the last epoch that was claimed; 0 before the first. */
  currentEpoch(): Promise<number>
  /** The transactions that are not in the log yet; `change` with an epoch refuses one that is not the last, as `save` does. */
  readonly outbox: OutboxStore
  /** Removes rows, checkpoint and outbox. Saves under epochs that were claimed before are refused afterwards. */
  clear(): Promise<void>
  /** Counts what is stored: rows, writes in the outbox, and bytes (or characters, where the store keeps text). Reads all. */
  size(): Promise<StoredSize>
  /** Called when the store can no longer be used, from a cause of its own: another tab deletes it, or it dies. */
  onLost(listener: (error: Error) => void): () => void
  /** Ends its use. What is under way ends in its own time. */
  close(): void
}

/** How much is stored. */
export interface StoredSize {
  readonly rows: number
  readonly writes: number
  readonly bytes: number
}

/** Keeps streams: in IndexedDB, in files, in memory, or wherever an application wants to. */
export interface StreamStore {
  /** Opens what is stored under `id`, or begins it. Rejects with `storage-failed` or `storage-newer`. */
  open(id: string): Promise<OpenStore>
  /** Its name among the tabs of an origin, where they share it: one of them reads and saves for all, unless told otherwise. */
  readonly sharedAs?: string | undefined
  /** Whether the application encodes what is stored, as to encrypt it: then nothing of it is kept anywhere else. */
  readonly isEncoded?: boolean | undefined
  /** Asks the browser not to evict what is stored; says whether it agrees. Absent where nothing is evicted. */
  readonly persist?: (() => Promise<boolean>) | undefined
}
