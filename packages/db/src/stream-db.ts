import type { DurableStream } from '@durable-streams/client'
import type { StateDefinition } from '@streamdb/state'
import type { Transaction } from '@tanstack/db'
import type { CollectionMap } from './collections/types.ts'
import type { IssueSummary } from './sync/invalid-events.ts'
import type { Status } from './sync/status.ts'
import type { ActionDefinitions, ActionMap } from './writes/actions.ts'
import type { AwaitOptions } from './writes/txids.ts'
import type { History } from './writes/undo-history.ts'
import type { Write } from './writes/write.ts'

/** A stream as a reactive database. */
export interface StreamDB<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
> {
  /** What it was created with: the definitions, by the collections' names. */
  readonly state: Definitions
  /** One TanStack DB collection a definition. */
  readonly collections: CollectionMap<Definitions>
  readonly actions: ActionMap<Actions>
  readonly utils: StreamDBUtils
  /** The stream's handle, for appends of one's own. */
  readonly stream: DurableStream
  /** Where the rows that are shown end in the stream; `-1` before anything is. */
  readonly offset: string
  readonly status: Status
  /** What was read and could not be used. */
  readonly issues: IssueSummary
  /**
   * Starts reading; resolves when everything that the stream holds is visible.
   *
   * Calls share one attempt. While the server cannot be reached it waits, and `status` says so. It rejects with the
   * error that stopped the stream, or with `closed`; after a failure it may be called again, and goes on from where
   * reading stopped.
   */
  preload(): Promise<void>
  /** Tries at once what waits to be tried again. */
  retry(): void
  /** Runs mutations of any collections as one transaction: shown at once, one append, confirmed by the log. */
  transact(mutate: () => void): Transaction
  /** This client's transactions that are under way, oldest first; the same array until one of them changes. */
  readonly pendingWrites: readonly Write[]
  /** Calls `listener` after every change of a write; returns what ends it. Bound, for `useSyncExternalStore`. */
  readonly subscribeWrites: (listener: () => void) => () => void
  /** Returns how far a transaction of this database has come: under way, confirmed or failed. */
  writeOf(transaction: Transaction): Write | undefined
  /** Whether a snapshot has begun and not ended: nothing of it is shown yet. */
  readonly insideSnapshot: boolean
  /** Undo and redo of this client's own transactions, where the option `history` asks for it. */
  readonly history: History | undefined
  /** Calls `listener` after every change of status; returns what ends it. Bound, for `useSyncExternalStore`. */
  readonly subscribeStatus: (listener: (status: Status) => void) => () => void
  /** Stops reading, and rejects everyone who waits. Final, and may be called again. What is shown stays. */
  close(): void
}

/** What else can be done with a database. */
export interface StreamDBUtils {
  /**
   * Resolves when all rows of a transaction are visible.
   *
   * Rejects with `txid-timeout` after `timeout` milliseconds (5,000 by default; `Infinity` waits for ever), with
   * `aborted` when `signal` is, with `closed`, or with the error that stopped the stream.
   */
  awaitTxId(txid: string, options?: number | AwaitOptions): Promise<void>
}
