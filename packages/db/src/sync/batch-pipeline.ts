import { start } from '@streamdb/log'
import type {
  AfterBatch,
  Batch,
  Checkpoint,
  ReadMode,
  Recorder,
  RestartReason,
  StoredOrigin,
} from '@streamdb/log'
import type { Changes } from '@streamdb/state'
import type { ChangeOrder } from '../collections/event-keys.ts'
import type { StreamBatch } from '../observe.ts'
import type { BatchPipelineParts } from './batch-pipeline-parts.ts'
import { isEmpty } from './empty-changes.ts'
import type { LiveFacts } from './status.ts'
import { reachedBy, toStreamBatch } from './observed-batch.ts'
import { afterIngest } from './transaction-boundary.ts'
import type { WriteSide } from './write-side.ts'

/** Where changes belong: the log's position behind them, and whether they are newer or older than the visible rows. */
interface Placement {
  readonly at: Checkpoint
  readonly order: ChangeOrder
}

/**
 * Ingests batches, and applies their changes when they are complete.
 *
 * After changes are applied, always in this order: offset, waiters for txids, status, observers (SPEC C4).
 */
export class BatchPipeline {
  readonly #parts: BatchPipelineParts
  #writeSide: WriteSide | undefined
  #recorder: Recorder | undefined
  // Ingested, and not applied yet; kept for those who observe batches.
  #undelivered: StreamBatch[] = []
  // A complete response whose last transaction may continue in the next one.
  #pendingBatch: Batch | undefined
  // Changes that are applied in chunks.
  #applying: Promise<void> | undefined
  // Applies the rest of them at once.
  #finishApply: (() => void) | undefined
  // Raised when everything ingested becomes void: what is applied in chunks is then of the past.
  #generation = 0
  #offset = start
  #mode: ReadMode | undefined
  #checkpoint: Checkpoint = { offset: start }

  constructor(parts: BatchPipelineParts) {
    this.#parts = parts
  }

  /** Sets the writes of the database, which are notified of the log before the observers. */
  follow(writeSide: WriteSide): void {
    this.#writeSide = writeSide
  }

  /** Notifies `recorder` of the batches that are visible. */
  recordBy(recorder: Recorder): void {
    this.#recorder = recorder
  }

  /** Where the visible rows end in the log. */
  get offset(): string {
    return this.#offset
  }

  /** Where a reader of the visible rows may resume: never inside a snapshot. */
  get checkpoint(): Checkpoint {
    return this.#checkpoint
  }

  /** Resolves when everything that is to be applied is. */
  get applied(): Promise<void> | undefined {
    return this.#applying
  }

  /** Ingests a batch; returns where reading continues. Throws if reading must stop. */
  onBatch(batch: Batch): AfterBatch {
    const { ingest, status, txids, initialLoad } = this.#parts
    // A live connection does not wait: earlier batches are applied and reported first.
    this.#finishApply?.()
    const after = this.#ingest(batch)
    const next = afterIngest({
      isComplete: batch.complete,
      isStored: batch.stored !== undefined,
      isUpToDate: batch.upToDate,
      seeks: after.type === 'seek',
      isLoaded: initialLoad.isLoaded,
      replaces: ingest.replaces,
      insideTransaction: ingest.insideTransaction,
    })
    if (next === 'apply') {
      this.#apply(batch)
      return after
    }
    if (next === 'hold') this.#pendingBatch = batch
    const { bytes, totalBytes } = batch
    const progress = {
      offset: reachedBy(batch),
      events: ingest.processedCount,
      bytes,
      ...(totalBytes && { totalBytes }),
    }
    // Of the log only: rows of a store are all shown in a moment.
    if (batch.stored === undefined) status.update({ type: 'progress', progress })
    txids.evict(ingest.txids)
    return after
  }

  /** Applies stored or hydrated rows synchronously, before the first rendering. */
  hydrate(batch: Batch): void {
    const { initialLoad } = this.#parts
    initialLoad.update({ type: 'hydrate' })
    this.#ingest(batch)
    this.#applyNow(batch)
  }

  /** Notes by which mode the source reads what is appended: SSE, long-polls or polls. */
  setMode(mode: ReadMode): void {
    this.#mode = mode
    this.#parts.status.update({ type: 'change', ...this.#liveFacts })
  }

  /** Voids what was ingested: the log follows from its beginning. */
  restart(reason: RestartReason): void {
    const { target, ingest, observers, initialLoad, snapshots } = this.#parts
    this.#generation++
    this.#pendingBatch = undefined
    this.#undelivered = []
    target.drop()
    ingest.restart(reason)
    initialLoad.update({ type: 'restart' })
    snapshots.update(false, start)
    this.#parts.older.onRestart()
    // Rows that are visible do not tell any more how far the log was read.
    this.#writeSide?.onRestart(start, reason)
    observers.restart(reason)
  }

  #ingest(batch: Batch): AfterBatch {
    const { ingest, observers, snapshots, status, issues } = this.#parts
    const observed = this.#observe(batch)
    if (observed) observers.beforeBatch(observed)
    // If the last transaction does not continue, it was complete. It is applied with this batch where that is applied
    // anyway, and otherwise at once: the target is not called again while it applies in chunks.
    const pending = this.#pendingBatch
    const isComplete = batch.first === 0 && !ingest.continuesTransaction(batch)
    if (pending && isComplete && !(batch.complete && batch.upToDate)) this.#applyNow(pending)
    const after = ingest.ingest(batch)
    if (observed && observers.want('onBatch')) this.#undelivered.push(observed)
    this.#pendingBatch = undefined
    issues.notify()
    snapshots.update(ingest.insideSnapshot, batch.offset)
    if (ingest.snapshotTxids !== undefined) this.#writeSide?.onInsideSnapshot(ingest.snapshotTxids)
    status.update({ type: 'change', ...this.#liveFacts })
    return after
  }

  #applyNow(batch: Batch): void {
    if (this.#parts.signal.aborted) return
    const changes = this.#parts.ingest.takeChanges()
    this.#parts.target.applyNow(changes)
    this.#afterApply(batch, changes)
  }

  #apply(batch: Batch): void {
    // A callback may have closed the database; then nothing more runs (SPEC L1).
    if (this.#parts.signal.aborted) return
    const changes = this.#parts.ingest.takeChanges()
    const at = { offset: batch.offset, streamId: batch.streamId }
    void this.#applyChanges(changes, { at, order: 'newer' }, () => this.#afterApply(batch, changes))
  }

  /**
   * Makes rows visible that the log put before everything that was read, when nothing else is being applied: `take` is
   * asked for them right then. Resolves when they are.
   */
  async applyOlder(take: () => Changes): Promise<void> {
    while (this.#applying !== undefined) await this.#applying
    if (this.#parts.signal.aborted) return
    const changes = take()
    if (isEmpty(changes)) return
    await this.#applyChanges(changes, { at: this.#checkpoint, order: 'older' }, () => {
      if (!this.#parts.signal.aborted) this.#parts.observers.changes(changes, this.#checkpoint)
    })
  }

  /** Applies changes, at once or in chunks, and calls `after` when they are visible. The promise never rejects. */
  #applyChanges(changes: Changes, { at, order }: Placement, after: () => void): Promise<void> | undefined {
    const { target, initialLoad } = this.#parts
    const done = target.apply(changes, at, order)
    if (done === undefined) {
      after()
      return undefined
    }
    initialLoad.update({ type: 'chunk' })
    const generation = this.#generation
    const end = (isApplied: boolean): void => {
      if (this.#finishApply !== finish) return
      this.#finishApply = this.#applying = undefined
      if (isApplied && generation === this.#generation) after()
    }
    const finish = (): void => {
      target.finish()
      end(true)
    }
    this.#finishApply = finish
    this.#applying = done.then(
      () => end(true),
      // Given up: the log is read from its beginning again.
      () => end(false),
    )
    return this.#applying
  }

  #afterApply(batch: Batch, changes: Changes): void {
    const { signal, ingest, txids, observers, unknownTypes } = this.#parts
    if (signal.aborted) return
    this.#offset = batch.offset
    const { offset, streamId } = this.#checkpoint
    if (!ingest.insideSnapshot && (offset !== batch.offset || streamId !== batch.streamId)) {
      this.#checkpoint = {
        offset: batch.offset,
        ...(batch.streamId !== undefined && { streamId: batch.streamId }),
      }
    }
    const moved = this.#checkpoint.offset !== offset
    this.#recorder?.onApplied(this.#checkpoint, changes.txids)
    txids.markSeen(changes.txids)
    this.#writeSide?.onApplied(batch.offset, changes.txids)
    if (batch.upToDate) this.#onUpToDate(batch)
    else if (batch.stored) this.#onStored(batch.stored)
    unknownTypes.warn()
    if (moved || !isEmpty(changes)) observers.changes(changes, this.#checkpoint)
    const batches = this.#undelivered
    this.#undelivered = []
    for (const each of batches) observers.batch(each)
  }

  #onUpToDate({ closed }: Batch): void {
    const { target, initialLoad, status, isLive } = this.#parts
    target.setReady()
    // Hydrated, and nothing was read here.
    if (status.current.name === 'idle') return
    initialLoad.update({ type: 'load' })
    if (closed) status.update({ type: 'end', reason: 'stream-closed' })
    else if (!isLive) status.update({ type: 'end', reason: 'not-live' })
    else status.update({ type: 'up-to-date', ...this.#liveFacts })
    this.#parts.older.onUpToDate()
    this.#writeSide?.onUpToDate()
  }

  /** Rows of a store are visible: they can be worked with, and what the log says is on its way. */
  #onStored({ savedAt }: StoredOrigin): void {
    const { target, initialLoad, status } = this.#parts
    target.setReady()
    initialLoad.update({ type: 'restore' })
    const progress = { offset: this.#offset, events: 0, bytes: 0 }
    status.update({ type: 'restore', storedAt: savedAt, progress })
  }

  get #liveFacts(): LiveFacts {
    const { snapshots, older } = this.#parts
    return { mode: this.#mode, snapshotSince: snapshots.current?.since, older: older.left }
  }

  /** Updates the status where a fact that it shows has changed: the mode, an open snapshot, older rows. */
  readonly onFacts = (): void => this.#parts.status.update({ type: 'change', ...this.#liveFacts })

  /**
   * Returns a batch as observers see it; nothing if there are no observers, or nothing in it is new after a broken response.
   */
  #observe(batch: Batch): StreamBatch | undefined {
    const { observers, ingest } = this.#parts
    if (!observers.want('onBeforeBatch') && !observers.want('onBatch')) return undefined
    const items = ingest.unprocessed(batch)
    return batch.complete || items.length > 0 ? toStreamBatch(batch, items) : undefined
  }
}
