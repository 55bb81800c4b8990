import type { DurableStream } from '@durable-streams/client'
import type { StateDefinition, StateEvent } from '@streamdb/state'
import type { Transaction } from '@tanstack/db'
import { createActions } from './writes/actions.ts'
import type { ActionDefinitions, ActionMap } from './writes/actions.ts'
import { createCollections } from './collections/create.ts'
import type { AnyCollection, CollectionMap } from './collections/types.ts'
import { StreamDBError } from '@streamdb/log'
import { FirstLoad } from './sync/initial-load.ts'
import type { History } from './writes/undo-history.ts'
import type { DehydratedStream } from './hydration.ts'
import { Intake } from './sync/ingest.ts'
import { Issues } from './sync/invalid-events.ts'
import type { InvalidEvent, IssueSummary } from './sync/invalid-events.ts'
import { start } from '@streamdb/log'
import { resolveOptions } from './options/resolve.ts'
import type { CreateStreamDBOptions, StreamBatch } from './options/types.ts'
import { Pace } from '@streamdb/log'
import { createHttpSource } from '@streamdb/log'
import type { Batch, BatchSink, BatchSource, Checkpoint } from '@streamdb/log'
import { Reporter } from './report.ts'
import { CollectionWriters } from './collections/collection-writers.ts'
import { claimCollectionIds } from './collections/ids.ts'
import type { CollectionIds } from './collections/ids.ts'
import { StatusStore } from './sync/status-store.ts'
import type { Status, StatusEvent } from './sync/status.ts'
import type { StreamDB, StreamDBUtils } from './stream-db.ts'
import { awaitTxId, TxIds } from './writes/txids.ts'
import { onWake } from '@streamdb/log'
import type { Write } from './writes/write.ts'
import { createWritePipeline } from './writes/write-pipeline.ts'
import type { WritePipeline } from './writes/write-pipeline.ts'

/** What `createStreamDB` returns: it joins the reader, the intake, the collections and the writes into one life. */
export class Database<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions,
> implements StreamDB<Definitions, Actions> {
  readonly state: Definitions
  readonly stream: DurableStream
  readonly collections: CollectionMap<Definitions>
  readonly actions: ActionMap<Actions>
  readonly utils: StreamDBUtils
  readonly #options: CreateStreamDBOptions<Definitions, Actions>
  readonly #collections: ReadonlyMap<string, AnyCollection>
  readonly #reporter: Reporter
  readonly #reader: BatchSource
  readonly #sink: BatchSink
  readonly #intake: Intake
  readonly #writers: CollectionWriters
  readonly #collectionIds: CollectionIds
  readonly #writing: WritePipeline
  readonly #issues = new Issues()
  readonly #txids = new TxIds(() => this.#describePosition())
  readonly #firstLoad = new FirstLoad()
  readonly #closing = new AbortController()
  readonly #pace = new Pace()
  readonly #status: StatusStore
  // Batches that were read and are not shown yet; kept for `onBatch` alone.
  #unshown: StreamBatch[] = []
  // Read, and waiting for the rest of its last transaction.
  #held: Batch | undefined
  // The first load, while it is put into the collections by slices.
  #showing: Promise<void> | undefined
  #offset = start
  #startingSync = false
  // Rows of `hydrate` are applied at once, before anything is drawn.
  #hydrating = false
  // Where the first start begins.
  #hydratedFrom: Checkpoint | undefined
  #endWaking: (() => void) | undefined
  // Something was written since the last read of a database that is not live.
  #unread = false

  constructor(given: CreateStreamDBOptions<Definitions, Actions>) {
    const { options, stream, live, times } = resolveOptions(given)
    this.#options = options
    this.state = options.state
    this.stream = stream
    this.#reporter = new Reporter(options.onError)
    this.#status = new StatusStore((error) => this.#reporter.report(error, 'A status listener'))
    this.#writers = new CollectionWriters(this.#reporter, this.#pace)
    this.#collectionIds = claimCollectionIds(stream.url)
    const definitions = new Map(Object.values(options.state).map((each) => [each.type, each] as const))
    const { onEvent, createIfMissing = false, waitForStream = false } = options
    this.#intake = new Intake(definitions, {
      onEvent: onEvent && ((event) => this.#reporter.call('onEvent', onEvent, event)),
      onIssue: (issue, offset) => this.#refuse(this.#issues.add(issue, offset)),
      onRow: (event, row) => this.#writing.onRow(event, row),
      onUnknownType: (type) => this.#issues.countUnknown(type),
    })
    this.#reader = createHttpSource({
      stream,
      streamOptions: options.stream ? undefined : options.streamOptions,
      live,
      times,
      onMissing: createIfMissing ? 'create' : waitForStream ? 'wait' : 'fail',
    })
    this.#sink = {
      onBatch: (batch) => {
        const offset = this.#take(batch)
        return offset === undefined ? { type: 'continue' } : { type: 'seek', offset }
      },
      ready: async () => {
        await this.#showing
        await this.#pace.breathe()
      },
      onSeekRefused: (offset) => this.#intake.refuseSeek(offset),
      onRestart: () => {
        this.#held = undefined
        this.#unshown = []
        this.#writers.drop()
        this.#intake.restart()
        // What was shown is no measure any more of what is still to be.
        this.#writing.onRestart(start)
      },
      onConnection: (event) => {
        if (event.type !== 'mode') this.#update(event)
      },
    }
    this.#collections = createCollections(options.state, {
      idOf: (name) => this.#collectionIds.of(name),
      writers: this.#writers,
      reporter: this.#reporter,
      transactor: this,
      reading: {
        onCollectionStart: (lostRows) => {
          this.#assertOpen('read')
          if (lostRows) this.#reader.restart('collection-cleaned-up')
          if (options.startOnRead ?? options.hydrate === undefined) this.#start()
        },
      },
    })
    this.#writing = createWritePipeline(options, {
      stream,
      source: this.#reader,
      times,
      txids: this.#txids,
      signal: this.#closing.signal,
      collections: this.#collections,
      writers: this.#writers,
      reporter: this.#reporter,
      assertWritable: () => this.#assertWritable(),
      readOn: () => {
        this.#unread = live === false
        this.#readOn()
      },
    })
    // Name by name the very shape that the type maps.
    this.collections = Object.fromEntries(this.#collections) as unknown as CollectionMap<Definitions>
    this.utils = {
      awaitTxId: (txid, wait = {}) => awaitTxId(this.#txids, txid, wait),
    }
    const actions = options.actions ? options.actions({ db: this, stream }) : ({} as Actions) // no factory, no actions
    this.actions = createActions(actions, this.#writing.queue)
    if (options.hydrate) this.#hydrate(options.hydrate)
  }

  get offset(): string {
    return this.#offset
  }

  get status(): Status {
    return this.#status.current
  }

  get issues(): IssueSummary {
    return this.#issues.summary
  }

  readonly subscribeStatus = (listener: (status: Status) => void): (() => void) =>
    this.#status.subscribe(listener)

  get pendingWrites(): readonly Write[] {
    return this.#writing.queue.pending
  }

  readonly subscribeWrites = (listener: () => void): (() => void) => this.#writing.queue.subscribe(listener)

  get history(): History | undefined {
    return this.#writing.history
  }

  writeOf(transaction: Transaction): Write | undefined {
    return this.#writing.queue.of(transaction)
  }

  preload(): Promise<void> {
    const attempt = this.#firstLoad.attempt()
    if (this.#isClosed) this.#firstLoad.fail(closedError('preload'))
    else this.#start()
    return attempt
  }

  retry(): void {
    if (this.status.name === 'failed') this.#start()
    else this.#tryNow()
  }

  #tryNow(): void {
    this.#reader.retryNow()
    this.#writing.retryNow()
  }

  transact(mutate: () => void): Transaction {
    return this.#writing.queue.transact(mutate)
  }

  close(): void {
    if (this.#isClosed) return
    this.#reader.stop()
    this.#endWaking?.()
    const error = closedError('wait')
    this.#closing.abort(error)
    this.#writers.drop()
    this.#txids.close(error)
    this.#reporter.close()
    // What was never ready will not be; what was stays to be looked at.
    if (!this.#firstLoad.loaded) this.#writers.setFailed(error)
    this.#firstLoad.fail(error)
    this.#collectionIds.release()
    this.#status.update({ type: 'close' })
  }

  /** Shows what was read elsewhere; the reader goes on from there. */
  #hydrate({ items, offset }: DehydratedStream): void {
    this.#hydratedFrom = { offset }
    this.#startSync()
    const upToDate = { upToDate: true, closed: false, cursor: undefined }
    this.#hydrating = true
    this.#take({ items, first: 0, from: start, offset, complete: true, ...upToDate, bytes: 0 })
    this.#hydrating = false
  }

  /** Starts reading and, with it, the sync of every collection: a batch is shown in all of them at once. */
  #start(): void {
    this.#assertOpen('read')
    if (this.#startingSync) return
    this.#startSync()
    const { name } = this.status
    if (name !== 'idle' && name !== 'failed') return
    this.#endWaking ??= onWake(() => this.#tryNow())
    this.#startReader()
  }

  #startReader(): void {
    const from = this.#hydratedFrom
    // Later starts go on from where reading stopped.
    this.#hydratedFrom = undefined
    this.#reader.start(from, this.#sink)
  }

  #startSync(): void {
    this.#startingSync = true
    for (const collection of this.#collections.values()) collection.startSyncImmediate()
    this.#startingSync = false
  }

  /** Takes a batch in and, when it is whole, shows it. Order: rows, offset, txids, status, observers (DESIGN 2). */
  #take(batch: Batch): string | undefined {
    const { onBeforeBatch, onBatch } = this.#options
    const items = this.#intake.newOf(batch)
    // Nothing new of a response that broke off is no batch.
    const seen = (onBeforeBatch ?? onBatch) && (batch.complete || items.length > 0) && observed(batch, items)
    if (onBeforeBatch && seen) this.#reporter.call('onBeforeBatch', onBeforeBatch, seen)
    // A transaction that ended a batch may go on in the next; if it does not, it was whole.
    if (this.#held && batch.first === 0 && !this.#intake.goesOnIn(batch)) this.#show(this.#held)
    const elsewhere = this.#intake.take(batch)
    if (onBatch && seen) this.#unshown.push(seen)
    this.#held = undefined
    if (elsewhere === undefined && this.#isWhole(batch)) {
      this.#show(batch)
    } else {
      if (batch.complete && elsewhere === undefined && this.#firstLoad.loaded && !this.#intake.replaces)
        this.#held = batch
      const { bytes, totalBytes: of } = batch
      const progress = { offset: reachedBy(batch), events: this.#intake.taken, bytes, ...(of && { of }) }
      this.#status.update({ type: 'progress', progress })
      this.#txids.evict(this.#intake.txids)
    }
    return elsewhere
  }

  #show(batch: Batch): void {
    // A callback may have closed us; then nothing more runs (DESIGN L1).
    if (this.#isClosed) return
    const changes = this.#intake.takeChanges()
    const applied = this.#hydrating
      ? this.#writers.applyNow(changes)
      : this.#writers.apply(changes, { offset: batch.offset })
    if (applied !== undefined) {
      this.#showing = applied.then(
        () => this.#shown(batch, changes.txids),
        () => undefined, // given up, as the log is read anew
      )
      return
    }
    this.#shown(batch, changes.txids)
  }

  /** Follows the rows: offset, txids, status, observers. */
  #shown(batch: Batch, txids: ReadonlySet<string>): void {
    if (this.#isClosed) return
    const { onBatch, live } = this.#options
    this.#offset = batch.offset
    this.#txids.markSeen(txids)
    this.#writing.onApplied(batch.offset, txids)
    if (batch.upToDate) {
      this.#writers.setReady()
      this.#firstLoad.succeed()
      if (batch.closed) this.#status.update({ type: 'end', reason: 'stream-closed' })
      else if (live === false) this.#status.update({ type: 'end', reason: 'not-live' })
      else this.#status.update({ type: 'up-to-date' })
      this.#writing.retryNow()
    }
    const shown = this.#unshown
    this.#unshown = []
    for (const each of shown) if (onBatch) this.#reporter.call('onBatch', onBatch, each)
  }

  /** Whether what was taken in may be shown: a response whole, the first load all at once, no transaction by halves (C1). */
  #isWhole(batch: Batch): boolean {
    const { replaces, insideTransaction } = this.#intake
    if (!batch.complete) return false
    return batch.upToDate || (this.#firstLoad.loaded && !replaces && !insideTransaction)
  }

  #refuse(invalid: InvalidEvent): void {
    const { onInvalid = 'skip' } = this.#options
    let verdict: unknown = onInvalid
    if (typeof onInvalid === 'function') {
      this.#reporter.call('onInvalid', (issue: InvalidEvent) => (verdict = onInvalid(issue)), invalid)
    }
    if (verdict === 'fail') throw new StreamDBError('invalid-event', invalid.message)
  }

  #update(event: StatusEvent): void {
    if (event.type === 'start') this.#txids.reopen()
    if (event.type === 'fail') {
      this.#txids.rejectAll(event.error)
      this.#writing.rejectAll(event.error)
      this.#writers.setFailed(event.error)
      this.#firstLoad.fail(event.error)
    }
    this.#status.update(event)
    if (event.type !== 'end') return
    if (event.reason === 'stream-closed') {
      const error = this.#endedError()
      this.#txids.rejectAll(error)
      this.#writing.rejectAll(error)
    }
    this.#readOn()
  }

  /** Reads what was written: a database that is not live once more, one that nobody reads for the first time. */
  #readOn(): void {
    const { status } = this
    if (status.name === 'idle') this.#start()
    if (this.#unread && status.name === 'ended' && status.reason === 'not-live') {
      this.#unread = false
      this.#startReader()
    }
  }

  #assertWritable(): void {
    this.#assertOpen('write')
    const { status } = this
    if (status.name === 'failed') throw status.error
    if (this.#firstLoad.failed) {
      throw new StreamDBError(
        'stream-failed',
        'Cannot write yet: reading failed, and has not recovered; wait for preload()',
      )
    }
    if (status.name === 'ended' && status.reason === 'stream-closed') {
      throw this.#endedError()
    }
  }

  #endedError(): StreamDBError {
    return new StreamDBError(
      'stream-ended',
      `The stream ${this.stream.url} was closed: no more will be in it`,
    )
  }

  /** Says where the database stands, for errors. */
  #describePosition(): string {
    const lately = this.#txids.recent(3).join(', ') || 'no transaction'
    return `at offset ${this.#offset}, ${this.status.name}, seen lately: ${lately}`
  }

  /** Whether part of a snapshot was read, which rows and offset do not tell. */
  get insideSnapshot(): boolean {
    return this.#intake.insideSnapshot
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  #assertOpen(what: string): void {
    if (this.#isClosed) throw closedError(what)
  }
}

function closedError(what: string): StreamDBError {
  return new StreamDBError('closed', `Cannot ${what}: the database was closed; create a new one`)
}

/** Returns from where one may go on. Inside a response no offset is known: then that is where it began. */
function reachedBy({ complete, offset, from }: Batch): string {
  return complete ? offset : from
}

function observed(batch: Batch, items: readonly unknown[]): StreamBatch {
  return {
    // Observers are given the log as it is; what of it is invalid is in `issues`.
    items: items as readonly StateEvent[],
    offset: reachedBy(batch),
    upToDate: batch.upToDate,
    streamClosed: batch.closed,
    ...(batch.cursor !== undefined && { cursor: batch.cursor }),
  }
}
