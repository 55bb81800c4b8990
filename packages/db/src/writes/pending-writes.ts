import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import type { Publisher } from '../collections/publication.ts'
import { settleTransactions, touchedBy } from '../collections/settle.ts'
import type { AnyCollection } from '../collections/types.ts'
import type { Reporter } from '../report.ts'
import { subscribe } from '../subscribe.ts'
import { isAwaited } from './lock-transaction.ts'
import type { PendingWrite, WriteEnd } from './pending-write.ts'
import { isSettled, nextWrite } from './write.ts'
import type { Write, WriteEvent } from './write.ts'

/** Follows the writes of a database. */
export interface WriteObserver {
  /** A transaction is shown, and about to be written. */
  onBegin?(write: Write, events: readonly ChangeEvent[]): void
  /** A transaction is confirmed or failed. `cameWith`: the other transactions that its rows came with. */
  onSettled?(write: Write, events: readonly ChangeEvent[], cameWith: ReadonlySet<string>): void
  /** A write changed in any way. */
  onWrite?(write: Write): void
}

/** The writes of a database that are under way, and who follows them. */
export class PendingWrites {
  readonly #publisher: Publisher
  readonly #reporter: Reporter
  readonly #listeners = new Set<() => void>()
  readonly #observers: WriteObserver[] = []
  readonly #byTransaction = new WeakMap<Transaction, PendingWrite>()
  readonly #byTxid = new Map<string, PendingWrite>()
  // Oldest first.
  #pending = new Set<PendingWrite>()
  // The youngest that there ever was.
  #youngest: Transaction | undefined
  #snapshot: readonly Write[] | undefined

  constructor(publisher: Publisher, reporter: Reporter) {
    this.#publisher = publisher
    this.#reporter = reporter
  }

  /** The writes under way, oldest first; the same array until one of them changes. */
  get snapshot(): readonly Write[] {
    return (this.#snapshot ??= Array.from(this.#pending, ({ write }) => write))
  }

  /** Returns the write of a transaction, also when it is settled. */
  of(transaction: Transaction): PendingWrite | undefined {
    return this.#byTransaction.get(transaction)
  }

  /** Returns a write that is under way. */
  find(txid: string): PendingWrite | undefined {
    return this.#byTxid.get(txid)
  }

  /** Calls `listener` after every change of a write; returns what ends it. */
  subscribe(listener: () => void): () => void {
    return subscribe(this.#listeners, listener)
  }

  /** Tells `observer` of every write, as long as the database lives. */
  observe(observer: WriteObserver): void {
    this.#observers.push(observer)
  }

  /** Iterates the writes under way, oldest first. */
  [Symbol.iterator](): Iterator<PendingWrite> {
    return this.#pending.values()
  }

  /** Adds a write that begins. */
  add(pending: PendingWrite): void {
    this.#byTransaction.set(pending.write.transaction, pending)
    this.#byTxid.set(pending.write.txid, pending)
    this.#pending.add(pending)
    const { transaction } = pending.write
    const isYoungest = this.#youngest === undefined || transaction.compareCreatedAt(this.#youngest) >= 0
    if (isYoungest) this.#youngest = transaction
    else if (pending.isRestored) {
      // The page may have written before it knew of what an earlier one has kept.
      const byAge = (left: PendingWrite, right: PendingWrite): number =>
        left.write.transaction.compareCreatedAt(right.write.transaction)
      this.#pending = new Set([...this.#pending].sort(byAge))
    }
    for (const observer of this.#observers) observer.onBegin?.(pending.write, pending.events)
    this.#changed([pending])
  }

  /** Moves a write on, where `event` changes it. */
  update(pending: PendingWrite, event: WriteEvent): void {
    const write = nextWrite(pending.write, event)
    if (write === pending.write) return
    pending.write = write
    this.#changed([pending])
  }

  /**
   * Ends writes, all of them as one publication: their overlays go. Returns those that had not ended before, for
   * `announce`, which tells of them.
   */
  settle(ends: readonly WriteEnd[]): PendingWrite[] {
    const settled: PendingWrite[] = []
    const unheard: PendingWrite[] = []
    const collections = new Set<AnyCollection>()
    for (const { pending, event } of ends) {
      if (isSettled(pending.write)) continue
      const { transaction } = pending.write
      if (!isAwaited(transaction)) unheard.push(pending)
      pending.write = nextWrite(pending.write, event)
      this.#pending.delete(pending)
      this.#byTxid.delete(pending.write.txid)
      for (const collection of touchedBy(transaction)) collections.add(collection)
      settled.push(pending)
    }
    const outcomes = settled.map(({ write }) => outcomeOf(write))
    const end = (): void => this.#guard(() => settleTransactions(outcomes))
    // One collection publishes once by itself.
    if (collections.size > 1) this.#guard(() => this.#publisher.publish(collections, end))
    else end()
    for (const pending of unheard) this.#reportFailure(pending.write)
    return settled
  }

  /** Tells of writes that have ended. */
  announce(settled: readonly PendingWrite[]): void {
    if (settled.length === 0) return
    for (const { write, events, cameWith, rolledBack } of settled) {
      if (write.state.name === 'failed') rolledBack?.abort(write.state.error)
      for (const observer of this.#observers) observer.onSettled?.(write, events, cameWith)
    }
    this.#changed(settled)
  }

  /** A write that fails while nobody waits for its outcome would be a row that vanishes (F-real-28). */
  #reportFailure(write: Write): void {
    if (write.state.name !== 'failed') return
    const { error } = write.state
    const isOwners = error.code === 'rolled-back' && error.cause === undefined
    if (error.code !== 'closed' && !isOwners) this.#reporter.reportWrite(error, write)
  }

  #changed(changed: readonly PendingWrite[]): void {
    this.#snapshot = undefined
    for (const listener of [...this.#listeners]) this.#guard(listener)
    for (const observer of this.#observers) {
      for (const { write } of changed) observer.onWrite?.(write)
    }
  }

  /** Runs what calls listeners of the application: it is done all the same where one throws. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#reporter.report(error, 'A listener')
    }
  }
}

function outcomeOf({ transaction, state }: Write): { transaction: Transaction; error?: Error } {
  return { transaction, ...(state.name === 'failed' && { error: state.error }) }
}
