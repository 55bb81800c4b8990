import type { DurableStream } from '@durable-streams/client'
import type { Checkpoint, DatabaseStorage, HistoryPoint } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { Transaction } from '@tanstack/db'
import type { ComparableBranch } from './branches/comparable-branch.ts'
import type { ForkOptions, MergeOptions, MergeResult } from './branches/types.ts'
import type { CollectionIds } from './collections/ids.ts'
import type { CollectionMap } from './collections/types.ts'
import type { Observer, Observers, OpenSnapshot } from './observe.ts'
import type { TimeTravel } from './past/time-travel.ts'
import type { Reporter } from './report.ts'
import type {
  Branch,
  PastStreamDB,
  StreamDB,
  StreamDBReadables,
  StreamDBUtils,
  TransactionOptions,
} from './stream-db.ts'
import type { BatchPipeline } from './sync/batch-pipeline.ts'
import { closedError } from './sync/errors.ts'
import type { InitialLoad } from './sync/initial-load.ts'
import type { IssueStore, IssueSummary } from './sync/issue-store.ts'
import type { LoadedOlder, OlderRowsLoader } from './sync/older-rows.ts'
import type { OlderState } from './sync/older-state.ts'
import type { PreloadOptions } from './sync/preload.ts'
import type { SnapshotWatch } from './sync/snapshot-watch.ts'
import type { Status } from './sync/status.ts'
import type { StatusStore } from './sync/status-store.ts'
import type { SyncSession } from './sync/sync-session.ts'
import { functionOf } from './writes/actions.ts'
import type { ActionDefinitions, ActionMap } from './writes/actions.ts'
import type { AnyExpect } from './writes/expectations.ts'
import type { TxIds } from './writes/txids.ts'
import { Waits } from './waits.ts'
import { historyState } from './writes/history-state.ts'
import type { StreamOutbox } from './writes/stream-outbox.ts'
import type { History } from './writes/undo-history.ts'
import type { Write } from './writes/write.ts'
import type { WritePipeline } from './writes/write-pipeline.ts'

/** The parts of a running database. */
export interface DatabaseParts {
  readonly isLive: boolean
  readonly session: SyncSession
  readonly pipeline: BatchPipeline
  readonly writing: WritePipeline
  readonly status: StatusStore
  readonly issues: IssueStore
  readonly initialLoad: InitialLoad
  readonly snapshots: SnapshotWatch
  readonly older: OlderRowsLoader
  readonly txids: TxIds
  readonly observers: Observers
  readonly reporter: Reporter
  readonly collectionIds: CollectionIds
  readonly storage: DatabaseStorage | undefined
  readonly closing: AbortController
}

/** What `createStreamDB` returns: the members of a database, each of which asks the part that knows. */
export class Database<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions,
> implements StreamDB<Definitions, Actions> {
  readonly state: Definitions
  readonly version: number
  readonly stream: DurableStream
  readonly collections: CollectionMap<Definitions>
  readonly actions: ActionMap<Actions>
  readonly utils: StreamDBUtils
  readonly readables: StreamDBReadables
  readonly outbox: StreamOutbox | undefined
  readonly #travel: TimeTravel<Definitions, Actions>
  readonly #parts: DatabaseParts
  readonly #waits: Waits

  constructor(
    members: Pick<StreamDB<Definitions>, 'state' | 'version' | 'stream' | 'collections'>,
    parts: DatabaseParts,
    travel: TimeTravel<Definitions, Actions>,
    createActions: (db: StreamDB<Definitions>) => ActionMap<Actions>,
  ) {
    this.state = members.state
    this.version = members.version
    this.stream = members.stream
    this.collections = members.collections
    this.#travel = travel
    this.#parts = parts
    const { status, issues, writing, older } = parts
    this.#waits = new Waits(parts)
    this.utils = { awaitTxId: (txid, options) => this.#waits.awaitTxId(txid, options) }
    this.readables = {
      status: { get: status.get, subscribe: status.subscribe },
      pendingWrites: { get: () => writing.queue.pending, subscribe: this.subscribeWrites },
      issues: { get: issues.get, subscribe: issues.subscribe },
      older: { get: older.get, subscribe: older.subscribe },
      history: writing.history && historyState(writing.history),
    }
    this.actions = createActions(this)
    this.outbox = writing.keepBy((action, params) => functionOf(this.actions, action, params))
  }

  get offset(): string {
    return this.#parts.pipeline.offset
  }

  get checkpoint(): Checkpoint {
    return this.#parts.pipeline.checkpoint
  }

  get status(): Status {
    return this.#parts.status.current
  }

  get issues(): IssueSummary {
    return this.#parts.issues.get()
  }

  get pendingWrites(): readonly Write[] {
    return this.#parts.writing.queue.pending
  }

  get storage(): DatabaseStorage | undefined {
    return this.#parts.storage
  }

  get history(): History | undefined {
    return this.#parts.writing.history
  }

  get insideSnapshot(): boolean {
    return this.openSnapshot !== undefined
  }

  get openSnapshot(): OpenSnapshot | undefined {
    return this.#parts.snapshots.current
  }

  readonly subscribeStatus = (listener: (status: Status) => void): (() => void) =>
    this.#parts.status.subscribe(listener)

  readonly subscribeWrites = (listener: () => void): (() => void) =>
    this.#parts.writing.queue.subscribe(listener)

  readonly observe = (observer: Observer): (() => void) => this.#parts.observers.add(observer)

  writeOf(transaction: Transaction): Write | undefined {
    return this.#parts.writing.queue.of(transaction)
  }

  preload(options: PreloadOptions = {}): Promise<void> {
    return this.#waits.preload(options)
  }

  get older(): OlderState {
    return this.#parts.older.get()
  }

  loadOlder(options: { readonly rows?: number | undefined } = {}): Promise<LoadedOlder> {
    return this.#waits.loadOlder(options.rows)
  }

  refresh(options: PreloadOptions = {}): Promise<void> {
    return this.#waits.refresh(options)
  }

  retry(): void {
    this.#parts.session.retryNow()
  }

  transact(mutate: () => void, { expect }: TransactionOptions<Definitions> = {}): Transaction {
    // Rows of the definitions' own types, by their names.
    return this.#parts.writing.queue.transact(mutate, { expect: expect as AnyExpect | undefined })
  }

  readonly at = (point: HistoryPoint): PastStreamDB<Definitions, Actions> => this.#travel.at(this, point)

  fork(options: ForkOptions = {}): Promise<Branch<Definitions, Actions>> {
    return this.#travel.fork(this, options)
  }

  // Typed by what they are called on, in `StreamDB`: `never` fits whatever that is.
  diff(
    branch: ComparableBranch,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly never[]> {
    return this.#travel.diff(this, branch, options)
  }

  merge(branch: ComparableBranch, options: MergeOptions<never> = {}): Promise<MergeResult<never>> {
    return this.#travel.merge(this, branch, options)
  }

  close(): void {
    const { session, reporter, observers, collectionIds, snapshots, closing } = this.#parts
    if (closing.signal.aborted) return
    const error = closedError('wait')
    session.stop()
    closing.abort(error)
    reporter.close()
    snapshots.close()
    session.close(error)
    observers.close()
    collectionIds.release()
  }
}
