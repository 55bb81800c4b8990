import type { CollectionWriters } from '../collections/collection-writers.ts'
import type { Observers } from '../observe.ts'
import type { Ingest } from './ingest.ts'
import type { InitialLoad } from './initial-load.ts'
import type { IssueStore } from './issue-store.ts'
import type { OlderRowsLoader } from './older-rows.ts'
import type { SnapshotWatch } from './snapshot-watch.ts'
import type { StatusStore } from './status-store.ts'
import type { UnknownTypes } from './unknown-types.ts'
import type { TransactionWaiters } from './write-side.ts'

/** What batches go through, in this order. */
export interface BatchPipelineParts {
  readonly ingest: Ingest
  readonly target: Pick<CollectionWriters, 'apply' | 'applyNow' | 'drop' | 'finish' | 'setReady'>
  readonly txids: Pick<TransactionWaiters, 'markSeen' | 'evict'>
  readonly status: StatusStore
  readonly observers: Observers
  readonly initialLoad: InitialLoad
  readonly snapshots: SnapshotWatch
  readonly issues: IssueStore
  readonly unknownTypes: UnknownTypes
  /** Rows that the source left out at first. */
  readonly older: OlderRowsLoader
  /** Whether reading goes on at the end of the log. */
  readonly isLive: boolean
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}
