import { deferred, StreamDBError } from '@streamdb/log'
import type { Checkpoint, Deferred, Scheduler } from '@streamdb/log'
import type { Changes } from '@streamdb/state'
import type { Reporter } from '../report.ts'
import { loadedRowsOf, logRowsOf } from './all-rows.ts'
import { toRowKeys } from './event-keys.ts'
import type { ChangeOrder } from './event-keys.ts'
import { applyAtOnce, applyInChunks } from './apply.ts'
import type { Settlement, WritableCollection } from './apply.ts'
import { BufferedSubscription } from './buffered-subscription.ts'
import type { ChangeTarget } from './change-target.ts'
import { shouldChunk } from './chunks.ts'
import { requestOrderedPrefixes } from './on-demand/ordered-requests.ts'
import { toLoadedRows, toLoadedRowsInSteps } from './on-demand/to-loaded-rows.ts'
import { createPublish } from './publication.ts'
import type { Publish } from './publication.ts'
import type { ReadBarrier } from './read-barrier.ts'
import type { AnyCollection, CollectionLifecycle, SubscribeOptions, Subscription } from './types.ts'
import { countPendingRows } from './window-boundary.ts'
import { WindowFilter } from './window-filter.ts'

/** What the collections hold of the log. */
type Content =
  /** No changes were ever applied. */
  | { readonly name: 'empty' }
  /** Changes are applied in chunks, and nothing of them is published yet. */
  | { readonly name: 'chunking'; readonly apply: ChunkedApply }
  /** Changes were applied, and all of them are published. */
  | { readonly name: 'published' }

/** Changes on their way into the collections. */
interface ChunkedApply {
  readonly changes: Changes
  readonly steps: Generator<undefined, void>
  /** The collections were empty before. */
  readonly isFirst: boolean
  /** All chunks are in, or given up. */
  isOver: boolean
  /** It is published, before its own turn came: by `finish`. */
  isPublished: boolean
}

/** What the collections are marked as. */
type Readiness = { readonly name: 'loading'; readonly end: Deferred } | { readonly name: 'ready' | 'failed' }

/** A collection, what puts rows into it, and what marks it ready or failed. */
type AddedCollection = WritableCollection & { readonly lifecycle: CollectionLifecycle }

/** A subscription of a collection, and the filter of its first load. */
interface Listener {
  readonly buffer: BufferedSubscription
  readonly window: WindowFilter | undefined
}

/** Which pending transactions end with a batch: those whose rows come with it. */
export interface TransactionSettler {
  settlementOf(txids: ReadonlySet<string>): Settlement | undefined
}

/** The collections of one database, seen from the log: where rows go in, all together. */
export class CollectionWriters implements ChangeTarget, ReadBarrier {
  readonly #reporter: Reporter
  readonly #scheduler: Scheduler
  readonly #publish: Publish = createPublish()
  // By event type.
  readonly #collections = new Map<string, AddedCollection>()
  readonly #listeners = new Set<Listener>()
  #content: Content = { name: 'empty' }
  #settler: TransactionSettler | undefined
  #readiness: Readiness = { name: 'loading', end: deferred() }

  /** `reporter` gets errors that a listener of the application throws; the rows are applied all the same. */
  constructor(reporter: Reporter, scheduler: Scheduler) {
    this.#reporter = reporter
    this.#scheduler = scheduler
  }

  /** Whether anything of the log was applied and published. */
  get isLoaded(): boolean {
    return this.#content.name === 'published'
  }

  /** Lets pending transactions end in the publication in which their rows come. */
  settleBy(settler: TransactionSettler): void {
    this.#settler = settler
  }

  /** Adds the collection of an event type; tells whether it is its sync that runs anew, and has lost its rows. */
  add(type: string, added: AddedCollection): boolean {
    const isRestart = this.#collections.has(type)
    this.#collections.set(type, added)
    if (added.loadedRows === undefined) return isRestart
    added.loadedRows.start(added)
    // Its rows are all here.
    if (isRestart && this.#readiness.name === 'ready') added.lifecycle.markReady()
    return false
  }

  /** Applies changes to all collections as one publication: at once, or in chunks where that would take long. */
  apply(changes: Changes, _at?: Checkpoint, order?: ChangeOrder): void | Promise<void> {
    this.beforeRead()
    const given = toRowKeys(changes, this.#collections, order)
    if (this.#isLong(given)) return this.#applyInChunks(given, this.#loadInChunks(given))
    const loaded = toLoadedRows(given, this.#collections)
    // Where nothing is on demand they are the same, and looked at already.
    if (loaded === given || !this.#isLong(loaded)) return this.#applyNow(loaded)
    return this.#applyInChunks(loaded, applyInChunks(loaded, this.#collections))
  }

  *#loadInChunks(changes: Changes): Generator<undefined, void> {
    const loaded = yield* toLoadedRowsInSteps(changes, this.#collections)
    yield* applyInChunks(loaded, this.#collections)
  }

  /** Applies changes at once, how many rows they may have: those of `hydrate` are there before anything is drawn. */
  applyNow(changes: Changes): void {
    this.#applyNow(this.#prepare(changes))
  }

  /** Returns the changes for TanStack: by the keys of rows, and only for loaded rows. */
  #prepare(changes: Changes): Changes {
    this.beforeRead()
    return toLoadedRows(toRowKeys(changes, this.#collections), this.#collections)
  }

  #applyNow(changes: Changes): void {
    this.#content = { name: 'published' }
    const settlement = this.#settler?.settlementOf(changes.txids)
    this.#guard(() => applyAtOnce(changes, this.#collections, this.#publish, settlement))
  }

  /**
   * Applies changes chunk by chunk, so that the event loop turns meanwhile, and then publishes them as one.
   *
   * What is in before is not all, and not to be seen: `beforeRead` applies the rest first.
   */
  async #applyInChunks(changes: Changes, steps: ChunkedApply['steps']): Promise<void> {
    const isFirst = this.#content.name === 'empty'
    const apply: ChunkedApply = { changes, steps, isFirst, isOver: false, isPublished: false }
    this.#content = { name: 'chunking', apply }
    while (!apply.isOver) {
      this.#step(apply)
      await this.#scheduler.yieldIfDue()
    }
    if (apply.isPublished) return
    if (this.#content.name === 'chunking' && this.#content.apply === apply) this.#publishChunks(apply)
    else
      throw new StreamDBError(
        'aborted',
        'These changes were given up: the log is read from its beginning again',
      )
  }

  /** Publishes what was applied in chunks. */
  #publishChunks(apply: ChunkedApply): void {
    const { changes, isFirst } = apply
    const listeners = [...this.#listeners]
    this.#content = { name: 'published' }
    apply.isPublished = true
    const settlement = this.#settler?.settlementOf(changes.txids)
    this.#guard(() =>
      this.#publish(settlement?.collections ?? [], () => {
        this.#guard(() => settlement?.settle())
        for (const { buffer, window } of listeners) {
          this.#guard(() => buffer.release(isFirst && window ? (all) => window.filter(all) : undefined))
        }
      }),
    )
  }

  /** Applies at once what is left of changes that are applied in chunks, and publishes them. */
  finish(): void {
    if (this.#content.name !== 'chunking') return
    this.beforeRead()
    this.#publishChunks(this.#content.apply)
  }

  /** Applies at once what is left of changes that are applied in chunks. */
  beforeRead(): void {
    if (this.#content.name !== 'chunking') return
    const { apply } = this.#content
    while (!apply.isOver) this.#step(apply)
  }

  /**
   * Ends an apply in chunks that is not published: nothing of a first load stays. Later changes cannot be taken back;
   * they are applied to their end and published.
   */
  drop(): void {
    if (this.#content.name !== 'chunking') return
    const { apply } = this.#content
    if (!apply.isFirst) {
      this.beforeRead()
      this.#publishChunks(apply)
      return
    }
    apply.isOver = true
    for (const { writer, loadedRows } of this.#collections.values()) {
      this.#guard(() => {
        writer.begin()
        if (loadedRows === undefined) writer.truncate({ markReady: false })
        else for (const key of loadedRows.clear().keys()) writer.write({ type: 'delete', key })
        void writer.commit()
      })
    }
    this.#content = { name: 'empty' }
    const listeners = [...this.#listeners]
    if (listeners.length === 0) return
    this.#guard(() =>
      this.#publish([], () => {
        for (const { buffer } of listeners) this.#guard(() => buffer.releaseWithoutGone())
      }),
    )
  }

  /** Buffers the changes for a subscription, whenever rows are applied in chunks. */
  addSubscription(collection: AnyCollection, subscription: Subscription, options: SubscribeOptions): void {
    const isBuffering = (): boolean => this.#content.name === 'chunking'
    const isBeforeLoad = (): boolean => this.#content.name === 'empty'
    countPendingRows(collection, subscription, options)
    const loadedRows = loadedRowsOf(collection)
    if (loadedRows !== undefined) requestOrderedPrefixes(collection, subscription, options, loadedRows)
    const buffer = new BufferedSubscription(collection, subscription, isBuffering)
    // Of what is loaded on demand nothing but its window comes, and its query waits for it.
    const window =
      this.isLoaded || loadedRows !== undefined
        ? undefined
        : new WindowFilter(collection, subscription, options, isBeforeLoad)
    const listener = { buffer, window }
    this.#listeners.add(listener)
    subscription.on('unsubscribed', () => this.#listeners.delete(listener))
  }

  /** Runs `change`, which changes `collections`, as one publication. */
  publish(collections: Iterable<AnyCollection>, change: () => void): void {
    this.#publish(collections, change)
  }

  /** Marks every collection ready: everything that the log holds is applied. */
  setReady(): void {
    for (const { lifecycle } of this.#collections.values()) this.#guard(() => lifecycle.markReady())
    this.#endLoading({ name: 'ready' })
  }

  /** Marks every collection failed: live queries and `collection.preload()` reject with `error`. */
  setFailed(error: StreamDBError): void {
    for (const { lifecycle } of this.#collections.values()) this.#guard(() => lifecycle.markError(error))
    this.#endLoading({ name: 'failed' })
  }

  /** Resolves when the collections are marked ready or failed; `true` where they are. */
  whenLoaded(): true | Promise<void> {
    return this.#readiness.name === 'loading' ? this.#readiness.end.promise : true
  }

  #endLoading(readiness: Readiness): void {
    const before = this.#readiness
    this.#readiness = readiness
    if (before.name === 'loading') before.end.resolve()
  }

  #isLong(changes: Changes): boolean {
    return shouldChunk(changes, changes.replaces ? this.#rowCount : 0)
  }

  /** Returns how many rows of an event type the log has. */
  countOf(type: string): number {
    const added = this.#collections.get(type)
    return added === undefined ? 0 : logRowsOf(added.collection).size
  }

  get #rowCount(): number {
    let count = 0
    for (const { collection } of this.#collections.values()) count += collection.size
    return count
  }

  #step(apply: ChunkedApply): void {
    let isOver = true
    // The next step cannot be requested meanwhile.
    apply.isOver = true
    this.#guard(() => (isOver = apply.steps.next().done === true))
    apply.isOver = isOver
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#reporter.report(error, 'A listener of a collection')
    }
  }
}
