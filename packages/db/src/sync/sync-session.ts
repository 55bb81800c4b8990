import { onWake, StreamDBError } from '@streamdb/log'
import type {
  AfterBatch,
  Batch,
  BatchSink,
  BatchSource,
  Checkpoint,
  ConnectionEvent,
  OlderRows,
  Scheduler,
  RestartReason,
} from '@streamdb/log'
import type { CollectionWriters } from '../collections/collection-writers.ts'
import type { CollectionReading } from '../collections/create.ts'
import type { BatchPipeline } from './batch-pipeline.ts'
import { closedError, endedError } from './errors.ts'
import type { Ingest } from './ingest.ts'
import type { InitialLoad } from './initial-load.ts'
import { isOffline, observeNetwork } from './network-state.ts'
import type { OlderRowsLoader } from './older-rows.ts'
import type { StatusStore } from './status-store.ts'
import type { TransactionWaiters, WriteSide } from './write-side.ts'

/** What reading a log works with. */
export interface SyncSessionParts {
  readonly url: string
  readonly source: BatchSource
  readonly pipeline: BatchPipeline
  readonly ingest: Ingest
  readonly target: CollectionWriters
  /** All of them begin to sync at once: a batch is applied to all of them. */
  readonly collections: ReadonlyMap<string, { startSyncImmediate(): void }>
  readonly status: StatusStore
  readonly initialLoad: InitialLoad
  readonly txids: TransactionWaiters
  readonly scheduler: Scheduler
  /** Rows that the source left out at first. */
  readonly older: OlderRowsLoader
  /** Whether reading a collection starts the stream. */
  readonly startOnRead: boolean
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** Reads the log of a running database: starts, restarts and ends it, and says where it stands. */
export class SyncSession implements BatchSink, CollectionReading {
  readonly #parts: SyncSessionParts
  #writeSide: WriteSide | undefined
  // Where the first start begins; later ones go on from where reading stopped.
  #from: Checkpoint | undefined
  #isStartingCollections = false
  #stopObserving: (() => void) | undefined
  // The source has started, and has not ended.
  #isReading = false
  // Something was written since the last read of a database that is not live.
  #needsReread = false

  constructor(parts: SyncSessionParts) {
    this.#parts = parts
  }

  /** Sets the writes of the database, which are notified of the log and of its end. */
  follow(writeSide: WriteSide): void {
    this.#writeSide = writeSide
    this.#parts.pipeline.follow(writeSide)
  }

  /** Applies hydrated rows; reading continues at `from` or, without it, from the beginning. */
  hydrate(batch: Batch, from: Checkpoint | undefined): void {
    this.#from = from
    this.#startCollections()
    this.#parts.pipeline.hydrate(batch)
    // The whole log is read: what it does not hold is gone at the end.
    if (from === undefined) this.#parts.ingest.restart('requested')
  }

  /** Starts reading, where it does not. Throws where the database is closed. */
  start(): void {
    this.assertOpen('read')
    if (this.#isStartingCollections) return
    this.#startCollections()
    const { name } = this.#parts.status.current
    if (name !== 'idle' && name !== 'failed') return
    this.#parts.initialLoad.update({ type: 'start' })
    this.#stopObserving ??= this.#observeDevice()
    this.#startSource()
  }

  /** Whether a request may be under way that was sent before now. */
  get isReading(): boolean {
    return this.#isReading
  }

  /** Reads once more what was appended since a database that is not live was loaded; starts one that is idle. */
  readOn(): void {
    this.#needsReread = true
    this.#reread()
  }

  /** Reads the log from its beginning again. The rows stay until everything is read. */
  restart(reason: RestartReason): void {
    this.#parts.source.restart(reason)
  }

  /** Tries at once what waits to be tried again. */
  retryNow(): void {
    if (this.#parts.status.current.name === 'failed') return this.start()
    this.#parts.source.retryNow()
    this.#parts.older.retryNow()
    this.#writeSide?.retryNow()
  }

  /** Stops reading, before waiting calls are rejected. */
  stop(): void {
    this.#parts.source.stop()
    this.#stopObserving?.()
  }

  /** Ends what depends on reading, with `error`. */
  close(error: StreamDBError): void {
    const { target, initialLoad, status, txids } = this.#parts
    target.drop()
    txids.close(error)
    // What was never complete will not be; what was stays to be looked at.
    if (!initialLoad.isLoaded) target.setFailed(error)
    initialLoad.update({ type: 'fail', error })
    status.update({ type: 'close' })
  }

  assertOpen(what: string): void {
    if (this.#parts.signal.aborted) throw closedError(what)
  }

  /** Throws where nothing can be written. */
  assertWritable(): void {
    this.assertOpen('write')
    const { status, initialLoad, url } = this.#parts
    const { current } = status
    if (current.name === 'failed') throw current.error
    const load = initialLoad.state
    if (load.name === 'failed') {
      const what = `Cannot write yet: reading failed and did not recover. Wait for preload()`
      throw new StreamDBError('stream-failed', `${what}: ${load.error.message}`, { cause: load.error })
    }
    if (current.name === 'ended' && current.reason === 'stream-closed') throw endedError(url)
  }

  onCollectionStart(lostRows: boolean): void {
    this.assertOpen('read')
    // The application cleaned the collection up: the log alone has its rows.
    if (lostRows) this.restart('collection-cleaned-up')
    if (this.#parts.startOnRead) this.start()
  }

  onBatch(batch: Batch): AfterBatch {
    try {
      return this.#parts.pipeline.onBatch(batch)
    } catch (error) {
      if (error instanceof StreamDBError) throw error
      // A fault of a program, not of the network: trying again would not help (F-real-57).
      const where = `the batch that ends at offset ${batch.offset}`
      throw new StreamDBError('stream-failed', `Cannot ingest ${where}: ${String(error)}`, { cause: error })
    }
  }

  onSeekRefused(offset: string): void {
    this.#parts.ingest.refuseSeek(offset)
  }

  onOlderRows(rows: OlderRows): void {
    this.#parts.older.begin(rows)
  }

  onRestart(why: RestartReason): void {
    this.#parts.pipeline.restart(why)
  }

  onConnection(event: ConnectionEvent): void {
    const { status, txids, pipeline } = this.#parts
    if (event.type === 'mode') return pipeline.setMode(event.mode)
    if (event.type === 'start') txids.reopen()
    if (event.type === 'start' || event.type === 'end' || event.type === 'fail')
      this.#isReading = event.type === 'start'
    if (event.type === 'fail') this.#onFail(event.error)
    if (event.type === 'break' || event.type === 'refuse') this.#parts.initialLoad.update({ type: 'break' })
    status.update(event)
    if ((event.type === 'start' || event.type === 'break') && isOffline())
      status.update({ type: 'offline', now: Date.now() })
    if (event.type !== 'end') return
    if (event.reason === 'stream-closed') this.#rejectWaiters(endedError(this.#parts.url))
    this.#reread()
  }

  async ready(): Promise<void> {
    await this.#parts.pipeline.applied
    await this.#parts.scheduler.yieldIfDue()
  }

  #onFail(error: StreamDBError): void {
    this.#rejectWaiters(error)
    this.#parts.target.setFailed(error)
    this.#parts.initialLoad.update({ type: 'fail', error })
  }

  #rejectWaiters(error: StreamDBError): void {
    this.#parts.txids.rejectAll(error)
    this.#writeSide?.rejectAll(error)
  }

  #reread(): void {
    const { current } = this.#parts.status
    if (current.name === 'idle') {
      // The first read has all of it.
      this.#needsReread = false
      this.start()
    }
    // Where everything is read the status says so before the source has ended, which would not start anew.
    if (this.#isReading) return
    if (this.#needsReread && current.name === 'ended' && current.reason === 'not-live') {
      this.#needsReread = false
      this.#startSource()
    }
  }

  #startSource(): void {
    const from = this.#from
    this.#from = undefined
    this.#parts.source.start(from, this)
  }

  /** Starts the sync of every collection; each says so by `onCollectionStart`. */
  #startCollections(): void {
    this.#isStartingCollections = true
    for (const collection of this.#parts.collections.values()) collection.startSyncImmediate()
    this.#isStartingCollections = false
  }

  /** Listens to the page and the network; returns a function that stops listening. */
  #observeDevice(): () => void {
    const ends = [
      onWake(() => this.#onWake()),
      observeNetwork({ onOffline: () => this.#onOffline(), onOnline: () => this.#onOnline() }),
    ]
    return () => ends.forEach((end) => end())
  }

  #onWake(): void {
    this.retryNow()
    this.#parts.source.verify('wake')
  }

  #onOffline(): void {
    this.#parts.initialLoad.update({ type: 'break' })
    this.#parts.status.update({ type: 'offline', now: Date.now() })
  }

  #onOnline(): void {
    const { status, source } = this.#parts
    if (status.current.name !== 'offline') return
    const error = new StreamDBError('unreachable', 'The network was lost and is back: connecting')
    status.update({ type: 'online', now: Date.now(), error })
    // The connection may have survived, which is not observable: a page is read now to find out.
    source.stop()
    source.start(undefined, this)
  }
}
