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
  /** The stream's handle, for appends of one's own. */
  readonly stream: DurableStream
  /** Where the visible rows end in the log; `-1` before there are any. */
  readonly offset: string
  /**
   * Where a reader of the visible rows may resume. It never lies inside a snapshot or a transaction, and so may lie
   * before `offset`.
   */
  readonly checkpoint: Checkpoint
  readonly status: Status
  /** What was read and could not be used; the same object until there is more of it. */
  readonly issues: IssueSummary
  /** What changes, in the shape that frameworks bind to. */
  readonly readables: StreamDBReadables
  /**
   * Starts reading; resolves when everything that the log holds is visible, at once where it is.
   *
   * Calls share one load. While the server cannot be reached it goes on, and `status` says so; `timeout` and `signal` end
   * a call's wait for it. Where rows of a `storage` are visible and the server cannot be reached, those are all that there
   * is, and it resolves. It rejects with the error that stopped reading, or with `closed`; after a failure it may be
   * called again, and goes on from where reading stopped.
   */
  preload(options?: PreloadOptions): Promise<void>
  /** Which rows of the log are not there yet, where the option `load` asked for the newest first. */
  readonly older: OlderState
  /**
   * Loads some of the rows that are not there yet, the newest of them: `rows` of the type that the option `load` counts, by
   * default as many as at first. Says how many it were and how many are left; nothing where all are there. Starts
   * reading, as `preload` does. Calls share what is under way. Rejects with the error that reading failed with, or with
   * `closed`; it may be called again.
   */
  loadOlder(options?: { readonly rows?: number | undefined }): Promise<LoadedOlder>
  /** As `preload`; a database that is not live (`live: false`) reads what was appended since. */
  refresh(options?: PreloadOptions): Promise<void>
  /**
   * Adds an observer: any number, at any time; returns what removes it. Bound. What an observer throws is reported to
   * `onError`, and stops nothing.
   */
  readonly observe: (observer: Observer) => () => void
  /** Tries at once what waits to be tried again. */
  retry(): void
  /**
   * Runs mutations of any collections as one transaction: shown at once, one append, confirmed by the log. With `expect` it is
   * written only where rows are as that says when its turn comes, as a write gateway decides it: otherwise it fails with
   * `write-failed`, whose `reason.code` is `conflict`, and whose `reason.current` is what is there now.
   */
  transact(mutate: () => void, options?: TransactionOptions<Definitions>): Transaction
  /** This client's transactions that are under way, oldest first; the same array until one of them changes. */
  readonly pendingWrites: readonly Write[]
  /** Calls `listener` after every change of a write; returns what ends it. Bound, for `useSyncExternalStore`. */
  readonly subscribeWrites: (listener: () => void) => () => void
  /** Returns how far a transaction of this database has come: under way, confirmed or failed. */
  writeOf(transaction: Transaction): Write | undefined
  /** What is kept until the log has it, where the option `offline` asks for it. */
  readonly outbox: StreamOutbox | undefined
  /** Whether a snapshot has begun and not ended: nothing of it is visible yet. */
  readonly insideSnapshot: boolean
  /** Since when a snapshot is open, where one is. */
  readonly openSnapshot: OpenSnapshot | undefined
  /** What is kept of the database, where the option `storage` is given. */
  readonly storage: DatabaseStorage | undefined
  /** Undo and redo of this client's own transactions, where the option `history` asks for it. */
  readonly history: History | undefined
  /** Calls `listener` after every change of status; returns what ends it. Bound, for `useSyncExternalStore`. */
  readonly subscribeStatus: (listener: (status: Status) => void) => () => void
  /**
   * Returns a read-only database of the same collections as they stood at an offset of the log or at a time, live queries
   * included: wait for its `preload()`, move it with `moveTo` and `step`, and `close()` it. It reads from the nearest
   * snapshot, whatever this database has, and goes on where this one is closed. Bound.
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
   * of the same collections and actions, whose writes are its own until they are merged. What this database has not
   * written yet is not in it. A branch can be forked too.
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
   * Resolves with the rows that are not the same here and in a branch of this database, as the logs have them now: what
   * either is writing is waited for. Rejects with `invalid-options` for a branch of another one, and with whatever stops
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
  /** Stops reading, and rejects everyone who waits. Final, and may be called again. What is visible stays. */
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
  /** Where it stands; changes with every move. For a slider, and for "who did this, and when". */
  readonly position: Readable<PastPosition>
  /**
   * Moves all collections to another moment, as one publication; resolves when it is visible. Of calls that wait for their
   * turn the last one counts, so that a slider may call it for each place that it passes.
   *
   * Rejects with `offset-invalid`, `offset-beyond-end`, `offset-gone`, `time-unknown`, `closed`, the signal's reason, or
   * what stopped reading; it stands where it stood then.
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
   * `'unchanged'`: the rows that it writes are as they are shown here, and those that it inserts are not there. Or rows by
   * collection and key, as they were when somebody saw them, `undefined` for none; the transaction need not write them.
   */
  readonly expect?: Expect<Definitions> | undefined
}

/** What changes in a database, each with `get` and `subscribe`. The functions are bound. */
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
