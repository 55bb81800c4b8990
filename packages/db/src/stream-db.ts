import type { DurableStream } from '@durable-streams/client'
import type { Checkpoint, DatabaseStorage, HistoryPoint, HistoryReadOptions } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { Transaction } from '@tanstack/db'
import type { ComparableBranch } from './branches/comparable-branch.ts'
import type {
  BranchDifference,
  ForkedFrom,
  ForkOptions,
  MergeOptions,
  MergeResult,
} from './branches/types.ts'
import type { CollectionMap } from './collections/types.ts'
import type { Observer, OpenSnapshot } from './observe.ts'
import type { PastPosition } from './past/past-position.ts'
import type { Readable } from './readable.ts'
import type { IssueSummary } from './sync/issue-store.ts'
import type { LoadedOlder } from './sync/older-rows.ts'
import type { OlderState } from './sync/older-state.ts'
import type { PreloadOptions } from './sync/preload.ts'
import type { Status } from './sync/status.ts'
import type { ActionDefinitions, ActionMap } from './writes/actions.ts'
import type { Expect } from './writes/expectations.ts'
import type { AwaitOptions } from './writes/txids.ts'
import type { HistoryState } from './writes/history-state.ts'
import type { StreamOutbox } from './writes/stream-outbox.ts'
import type { History } from './writes/undo-history.ts'
import type { Write } from './writes/write.ts'

/** A stream as a reactive database. */
export interface StreamDB<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
> {
  /** What it was created with: the definitions, by the collections' names. */
  readonly state: Definitions
  /** The version of the application's schemas, as the option `version` says. */
  readonly version: number
  /** One TanStack DB collection a definition. */
  readonly collections: CollectionMap<Definitions>
  readonly actions: ActionMap<Actions>
  readonly utils: StreamDBUtils
  /** The stream's handle, for appends of your own. */
  readonly stream: DurableStream
  /** Where the visible rows end in the log; `-1` before there are any. */
  readonly offset: string
  /**
   * Where a reader of the visible rows may resume. It never lies inside a snapshot or a transaction, and so may lie
   * before `offset`.
   */
  readonly checkpoint: Checkpoint
  readonly status: Status
  /** A summary of the events that could not be used; the same object until it changes. */
  readonly issues: IssueSummary
  /** The values that change, each with `get` and `subscribe`, for frameworks. */
  readonly readables: StreamDBReadables
  /**
   * Starts reading; resolves when every row of the log is visible, immediately if it is already.
   *
   * Calls share one load. While the server cannot be reached, the load continues and `status` says so; `timeout` and `signal`
   * end only the wait of one call (`preload-timeout`, `aborted`). If rows of a `storage` are visible and the server cannot be
   * reached, it resolves with those rows. Rejects with the error that stopped reading, or with `closed`. After a failure it
   * may be called again, and continues where reading stopped.
   */
  preload(options?: PreloadOptions): Promise<void>
  /** Which rows of the log are not loaded yet, with the option `load`. */
  readonly older: OlderState
  /**
   * Loads the newest of the rows that are not loaded yet: `rows` of the type that the option `load` counts, by default as
   * many as the first time. Resolves with how many were loaded and how many are left; does nothing if none are left. Starts
   * reading, as `preload` does. Concurrent calls share one load. Rejects with the error that reading failed with, or with
   * `closed`; it may be called again.
   */
  loadOlder(options?: { readonly rows?: number | undefined }): Promise<LoadedOlder>
  /** As `preload`; a database that is not live (`live: false`) reads what was appended since. */
  refresh(options?: PreloadOptions): Promise<void>
  /**
   * Adds an observer, at any time; returns a function that removes it. Bound. An error that an observer throws is reported to
   * `onError`, and reading continues.
   */
  readonly observe: (observer: Observer) => () => void
  /** Retries at once every request that waits for its next attempt. */
  retry(): void
  /**
   * Runs mutations of any collections as one transaction: shown at once, one append, confirmed by the log. With `expect` it
   * is written only if the conditions hold when its turn comes; a write gateway checks them. Otherwise it fails with
   * `write-failed`: `reason.code` is `conflict`, and `reason.current` is the current row. Throws what `mutate` throws,
   * `closed`, `stream-ended`, `read-only`, `outbox-full`, or the error that reading failed with; nothing is shown then.
   */
  transact(mutate: () => void, options?: TransactionOptions<Definitions>): Transaction
  /** This client's transactions that are under way, oldest first; the same array until one of them changes. */
  readonly pendingWrites: readonly Write[]
  /**
   * Calls `listener` after every change of a write; returns a function that ends it. Bound, for `useSyncExternalStore`.
   */
  readonly subscribeWrites: (listener: () => void) => () => void
  /** Returns how far a transaction of this database has come: under way, confirmed or failed. */
  writeOf(transaction: Transaction): Write | undefined
  /** The writes that are kept until the log has them, with the option `offline`. */
  readonly outbox: StreamOutbox | undefined
  /** Whether a snapshot has begun and not ended: nothing of it is visible yet. */
  readonly insideSnapshot: boolean
  /** Since when a snapshot is open, where one is. */
  readonly openSnapshot: OpenSnapshot | undefined
  /** The store of the database, with the option `storage`. */
  readonly storage: DatabaseStorage | undefined
  /** Undo and redo of this client's own transactions, with the option `history`. */
  readonly history: History | undefined
  /**
   * Calls `listener` after every change of status; returns a function that ends it. Bound, for `useSyncExternalStore`.
   */
  readonly subscribeStatus: (listener: (status: Status) => void) => () => void
  /**
   * Returns a read-only database of the same collections as they stood at an offset of the log or at a time, live queries
   * included: wait for its `preload()`, move it with `moveTo` and `step`, and `close()` it. It begins with the rows of this
   * database or of the nearest snapshot, and stays open when this database is closed. Bound.
   *
   * @example
   * ```ts
   * const past = db.at({ time: Date.now() - 60_000 })
   * await past.preload()
   * past.collections.messages.toArray
   * await past.step(-1)
   * ```
   */
  readonly at: (point: HistoryPoint) => PastStreamDB<Definitions, Actions>
  /**
   * Forks the stream by the protocol's fork headers, without a copy; resolves with the branch when it is loaded: a database
   * of the same collections and actions, whose writes are its own until they are merged. Pending writes of this database are
   * not in it. A branch can be forked too.
   *
   * Rejects with `fork-unsupported` where the server does not fork, `fork-failed`, `offset-invalid`, `unauthorized`,
   * `unreachable`, `closed`, the signal's reason; with `invalid-options` where the database was made of a `stream` handle.
   *
   * @example
   * ```ts
   * const branch = await db.fork()
   * await branch.collections.messages.insert({ id: '1', text: 'a draft' }).when('settled')
   * await db.diff(branch) // [{ collection: 'messages', key: '1', changedBy: 'theirs', change: 'inserted', theirs: ... }]
   * await db.merge(branch)
   * await branch.discard()
   * ```
   */
  fork(options?: ForkOptions): Promise<Branch<Definitions, Actions>>
  /**
   * Resolves with the rows that differ between this database and a branch of it, as the logs have them; pending writes of
   * both are waited for. Rejects with `invalid-options` for a branch of another database, and with the error that stops
   * reading.
   */
  diff<Self extends { readonly state: StateDefinition }>(
    this: Self,
    branch: ComparableBranch,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly BranchDifference<Self['state']>[]>
  /**
   * Writes what a branch of this database did to rows here, as one transaction; resolves when it is visible. Rows that
   * both have changed are conflicts: where `resolve` does not decide them, nothing is written. May be repeated: what was
   * merged is not merged again, and later changes of the branch are merged from there. Rejects as writes and `diff` do.
   */
  merge<Self extends { readonly state: StateDefinition }>(
    this: Self,
    branch: ComparableBranch,
    options?: MergeOptions<Self['state']>,
  ): Promise<MergeResult<Self['state']>>
  /** Stops reading, and rejects all waits with `closed`. Final, and may be called again. Visible rows stay visible. */
  close(): void
}

/**
 * The collections of a database as they stood at one moment of its log, live queries included. Nothing can be written to
 * it: an insert, update, delete, action or `transact` throws `read-only`.
 */
export interface PastStreamDB<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
> extends StreamDB<Definitions, Actions> {
  /** The current position; changes with every move. For a slider, and for "who did this, and when". */
  readonly position: Readable<PastPosition>
  /**
   * Moves all collections to another moment, as one publication; resolves when it is visible. If several calls wait, only the
   * last one is carried out, so a slider may call it for each position that it passes.
   *
   * Rejects with `offset-invalid`, `offset-beyond-end`, `offset-gone`, `time-unknown`, `closed`, the signal's reason, or the
   * error that stopped reading; the position is unchanged then.
   */
  moveTo(point: HistoryPoint, options?: HistoryReadOptions): Promise<void>
  /** Moves over transactions: forward, or back where negative; no further than the log goes. As `moveTo`. */
  step(transactions: number, options?: HistoryReadOptions): Promise<void>
}

/** A branch of a database: the same collections, on a stream of its own that shares the log of its source until the fork. */
export interface Branch<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
> extends StreamDB<Definitions, Actions> {
  /** Where it leaves its source. */
  readonly forkedFrom: ForkedFrom
  /** Closes the branch and deletes its stream. May be repeated. Rejects where the server cannot be reached or refuses. */
  discard(): Promise<void>
}

/** How a transaction is written. */
export interface TransactionOptions<Definitions extends StateDefinition> {
  /**
   * `'unchanged'`: the rows that it updates or deletes are still as they are shown here, and the rows that it inserts do not
   * exist. Or the expected rows by collection and key, `undefined` for a row that must not exist; the transaction need not
   * write them.
   */
  readonly expect?: Expect<Definitions> | undefined
}

/** The values of a database that change, each with `get` and `subscribe`. The functions are bound. */
export interface StreamDBReadables {
  readonly status: Readable<Status>
  readonly pendingWrites: Readable<readonly Write[]>
  readonly issues: Readable<IssueSummary>
  /** Which rows of the log are not there yet. */
  readonly older: Readable<OlderState>
  /** What undo and redo would do; absent without the option `history`. */
  readonly history: Readable<HistoryState> | undefined
}

/** What else can be done with a database. */
export interface StreamDBUtils {
  /**
   * Resolves when the first batch that holds events of a transaction is visible, or was not long ago. Starts reading
   * where nothing is read. The events of one append are always visible together; a transaction of several appends may
   * still come in parts: wait for a txid that only its last append has.
   *
   * Rejects with `txid-timeout` after `timeout` milliseconds (`Infinity` waits without a limit; by default 5,000, in which
   * the page is not hidden), with
   * `aborted` when `signal` is, with `closed`, or with the error that stopped the stream.
   */
  awaitTxId(txid: string, options?: number | AwaitOptions): Promise<void>
}
