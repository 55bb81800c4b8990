import type { Transaction } from '@tanstack/db'
import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import { delay, toStreamDBError } from '@streamdb/log'
import type { BatchSource, StreamDBError, WriteTransport } from '@streamdb/log'
import { rollBackTransaction, settleTransaction } from '../collections/settle.ts'
import { createPendingTransaction, randomId } from '../collections/transactions.ts'
import type { Reporter } from '../report.ts'
import { subscribe } from '../subscribe.ts'
import { ConfirmationWatch } from './confirmation-watch.ts'
import { appendWrite, runWriteFunction } from './delivery.ts'
import type { WriteFunction } from './delivery.ts'
import { assertSynchronous, lockTransaction } from './lock-transaction.ts'
import type { LogEnd } from './log-end.ts'
import type { PendingWrite } from './pending-write.ts'
import {
  dependencyError,
  interruptedError,
  missingError,
  rollbackReason,
  withdrawDependents,
} from './rollback.ts'
import type { TxIds } from './txids.ts'
import { toEvents } from './wire-format.ts'
import { isSettled, nextWrite } from './write.ts'
import type { Write, WriteEvent } from './write.ts'

/** How a transaction is written, where it is not the plain append. */
export interface TransactOptions {
  readonly action?: string | undefined
  readonly send?: WriteFunction | undefined
}

/** Follows the writes of a database. */
export interface WriteObserver {
  /** A transaction is shown, and about to be written. */
  onBegin?(write: Write, events: readonly ChangeEvent[]): void
  /** A transaction is confirmed or failed. */
  onSettled?(write: Write, events: readonly ChangeEvent[]): void
}

/** What a queue works with. */
export interface WriteQueueOptions {
  readonly transport: WriteTransport
  readonly source: Pick<BatchSource, 'verify'>
  readonly txids: TxIds
  readonly logEnd: LogEnd
  /** The definitions of the database's collections, by collection. */
  readonly definitions: ReadonlyMap<object, CollectionDefinition>
  readonly reporter: Reporter
  readonly confirmTimeout: number
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
  /** Throws where nothing can be written. */
  readonly assertWritable: () => void
}

// Where the end of the log cannot be asked for, rows that the application wrote have this long to come.
const grace = 5000

/** Writes transactions: shows them at once, stores them, and settles them when the log has confirmed them. */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #watch: ConfirmationWatch
  readonly #listeners = new Set<() => void>()
  readonly #observers: WriteObserver[] = []
  readonly #writes = new WeakMap<Transaction, PendingWrite>()
  // By txid, oldest first.
  readonly #pending = new Map<string, PendingWrite>()
  // Who waits for a txid to be visible.
  readonly #awaiting = new Map<string, Set<PendingWrite>>()
  #snapshot: readonly Write[] | undefined

  constructor(options: WriteQueueOptions) {
    this.#options = options
    const { signal } = options
    this.#watch = new ConfirmationWatch({
      ...options,
      onMissing: (writes) => writes.forEach((write) => this.#fail(write, missingError(write))),
    })
    signal.addEventListener('abort', () => {
      // The signal aborts with the error of a closed database.
      this.#failAll([...this.#pending.values()], () => signal.reason as StreamDBError)
    })
  }

  /** The writes under way, oldest first; the same array until one of them changes. */
  get pending(): readonly Write[] {
    return (this.#snapshot ??= Array.from(this.#pending.values(), ({ write }) => write))
  }

  /** Returns the write of a transaction of this database. */
  of(transaction: Transaction): Write | undefined {
    return this.#writes.get(transaction)?.write
  }

  /** Calls `listener` after every change of a write; returns what ends it. */
  subscribe(listener: () => void): () => void {
    return subscribe(this.#listeners, listener)
  }

  /** Tells `observer` of every write, as long as the database lives. */
  observe(observer: WriteObserver): void {
    this.#observers.push(observer)
  }

  /**
   * Runs `mutate` in one transaction, shows it, and writes it in the background; returns TanStack's transaction.
   *
   * The transaction stays pending until its rows came back through the log: remote changes keep arriving meanwhile
   * (DESIGN W3), and its rows do not flicker. Throws what `mutate` throws; nothing is shown then.
   */
  transact(mutate: () => void, { action, send }: TransactOptions = {}): Transaction {
    const { assertWritable, definitions } = this.#options
    assertWritable()
    const transaction = createPendingTransaction()
    const txid = randomId()
    let events: ChangeEvent[]
    try {
      transaction.mutate(() => assertSynchronous(mutate()))
      // It may have closed the database.
      assertWritable()
      events = toEvents(transaction.mutations, txid, definitions)
    } catch (error) {
      this.#rollBack(transaction)
      throw error
    }
    lockTransaction(transaction)
    const pending: PendingWrite = {
      write: { txid, transaction, action, state: { name: 'pending' }, attempts: 0 },
      events,
      keys: new Set(transaction.mutations.map((mutation) => mutation.globalKey)),
      awaited: new Set(),
      ...(send && { rolledBack: new AbortController() }),
    }
    this.#add(pending)
    // Whoever heard of it may have rolled it back. The outcome is the transaction's own promise; delivery never rejects.
    if (transaction.state === 'pending') void this.#deliver(pending, send)
    return transaction
  }

  /** Confirms the writes whose transactions are visible now. */
  confirmSeen(txids: ReadonlySet<string>): void {
    const confirmed: PendingWrite[] = []
    // Whichever is the smaller: a first load brings many transactions, of which none may be waited for.
    const candidates = txids.size < this.#awaiting.size ? txids : [...this.#awaiting.keys()]
    for (const txid of candidates) {
      if (!txids.has(txid)) continue
      for (const pending of this.#awaiting.get(txid) ?? []) {
        pending.awaited.delete(txid)
        const isOwn = pending.write.txid === txid
        if (isOwn) pending.handle?.seen()
        if (isOwn || pending.awaited.size === 0) confirmed.push(pending)
      }
    }
    for (const pending of confirmed) {
      // Seen in the log is stored, whatever became of the answer.
      this.#update(pending, { type: 'acknowledge' })
      this.#confirm(pending)
    }
  }

  /** Fails the writes that are not known to be stored: the log is no longer read, because of `error`. */
  rejectAll(error: StreamDBError): void {
    const lost = [...this.#pending.values()].filter(
      (each) => each.handle && each.write.state.name === 'pending',
    )
    this.#failAll(lost, (each) => (each.handle?.withdraw() ? error : interruptedError(each, error)))
  }

  #add(pending: PendingWrite): void {
    const { txid, transaction } = pending.write
    this.#writes.set(transaction, pending)
    this.#pending.set(txid, pending)
    this.#await(pending, txid)
    for (const observer of this.#observers) observer.onBegin?.(pending.write, pending.events)
    this.#changed()
    // The application may settle it too: it may roll it back.
    void transaction.when('settled').then(
      () => this.#settle(pending, { type: 'confirm' }),
      (error: unknown) => this.#settle(pending, { type: 'fail', error: rollbackReason(error) }),
    )
  }

  #await(pending: PendingWrite, txid: string): void {
    const waiting = this.#awaiting.get(txid) ?? new Set()
    this.#awaiting.set(txid, waiting.add(pending))
  }

  async #deliver(pending: PendingWrite, send: WriteFunction | undefined): Promise<void> {
    try {
      if (send !== undefined) await this.#runFunction(pending, send)
      else if (pending.events.length > 0) await this.#append(pending)
      else await Promise.resolve().then(() => this.#confirm(pending))
    } catch (error) {
      this.#fail(pending, error)
    }
  }

  async #append(pending: PendingWrite): Promise<void> {
    const { transport } = this.#options
    pending.handle = appendWrite(pending, transport, (event) => this.#update(pending, event))
    await pending.handle.done
    this.#acknowledge(pending)
  }

  /** Lets the application write, then keeps the overlay until what it wrote is visible (FAULTS F-write-2). */
  async #runFunction(pending: PendingWrite, send: WriteFunction): Promise<void> {
    const { txids, logEnd } = this.#options
    const { rolledBack = new AbortController() } = pending
    const { signal } = rolledBack
    const written = await runWriteFunction(pending, send, signal)
    if (isSettled(pending.write)) return
    for (const txid of written) if (!txids.has(txid)) pending.awaited.add(txid)
    for (const txid of pending.awaited) this.#await(pending, txid)
    this.#acknowledge(pending)
    if (written.length === 0) await logEnd.waitUntilVisible(signal).catch(() => delay(grace, signal))
    if (pending.awaited.size === 0 && !signal.aborted) this.#confirm(pending)
  }

  #acknowledge(pending: PendingWrite): void {
    if (isSettled(pending.write)) return
    this.#update(pending, { type: 'acknowledge' })
    this.#options.logEnd.readOn()
    this.#watch.add(pending)
  }

  #confirm(pending: PendingWrite): void {
    const { transaction } = pending.write
    if (transaction.state !== 'pending') return
    this.#guard(() => settleTransaction(transaction))
    this.#settle(pending, { type: 'confirm' })
  }

  /** Rolls a write back, and those that depend on it and were not sent; what was sent is for the log to decide. */
  #fail(pending: PendingWrite, thrown: unknown): void {
    const { transaction, txid, action } = pending.write
    if (transaction.state !== 'pending') return
    const what = action === undefined ? 'The write failed' : `The action "${action}" failed`
    const error = toStreamDBError(thrown, 'write-failed', what)
    const later = [...this.#pending.values()]
    later.splice(0, later.findIndex((each) => each.write.txid === txid) + 1)
    this.#settleFailed(pending, error)
    for (const other of withdrawDependents(pending, later)) {
      this.#settleFailed(other, dependencyError(pending, error))
    }
  }

  /** Rolls writes back, each by itself, newest first: none is to fail because of another. */
  #failAll(writes: readonly PendingWrite[], errorOf: (write: PendingWrite) => StreamDBError): void {
    for (const each of [...writes].reverse()) this.#settleFailed(each, errorOf(each))
  }

  #settleFailed(pending: PendingWrite, error: StreamDBError): void {
    this.#settle(pending, { type: 'fail', error })
  }

  #rollBack(transaction: Transaction, error?: StreamDBError): void {
    this.#guard(() => rollBackTransaction(transaction, error))
  }

  /** Ends a write, once. */
  #settle(pending: PendingWrite, event: WriteEvent): void {
    if (isSettled(pending.write)) return
    const { txid, transaction } = pending.write
    pending.write = nextWrite(pending.write, event)
    const { state } = pending.write
    this.#pending.delete(txid)
    for (const each of [txid, ...pending.awaited]) {
      const waiting = this.#awaiting.get(each)
      if (waiting?.delete(pending) && waiting.size === 0) this.#awaiting.delete(each)
    }
    this.#watch.remove(pending)
    pending.handle?.withdraw()
    if (state.name === 'failed') {
      pending.rolledBack?.abort(state.error)
      this.#rollBack(transaction, state.error)
    }
    for (const observer of this.#observers) observer.onSettled?.(pending.write, pending.events)
    this.#changed()
  }

  #update(pending: PendingWrite, event: WriteEvent): void {
    const write = nextWrite(pending.write, event)
    if (write === pending.write) return
    pending.write = write
    this.#changed()
  }

  #changed(): void {
    this.#snapshot = undefined
    for (const listener of [...this.#listeners]) this.#guard(listener)
  }

  /** Runs what calls listeners of the application: it is done all the same where one throws. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#options.reporter.report(error, 'A listener')
    }
  }
}
