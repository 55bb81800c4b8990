import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import { toStreamDBError, withLinkedSignal } from '@streamdb/log'
import type { StreamDBError, WriteCarrier } from '@streamdb/log'
import type { Settlement } from '../collections/apply.ts'
import { restoreTransactions } from '../collections/restore-transactions.ts'
import { touchedBy } from '../collections/settle.ts'
import { randomId } from '../collections/transactions.ts'
import type { AnyCollection } from '../collections/types.ts'
import { AwaitedTxIds } from './awaited-txids.ts'
import { assertKeepable } from './call-params.ts'
import { ConfirmationWatch } from './confirmation-watch.ts'
import { appendWrite } from './delivery.ts'
import type { WriteFunction } from './delivery.ts'
import { FunctionWrites } from './function-writes.ts'
import { lockTransaction } from './lock-transaction.ts'
import { makeTransaction } from './make-transaction.ts'
import { confirmations, toPending } from './pending-write.ts'
import type { PendingWrite, WriteEnd } from './pending-write.ts'
import { PendingWrites } from './pending-writes.ts'
import type { WriteObserver } from './pending-writes.ts'
import {
  dependencyError,
  discardedError,
  interruptedError,
  missingError,
  rollbackReason,
  withdrawDependents,
} from './rollback.ts'
import { WrittenRows } from './written-rows.ts'
import type { KeepOptions, RestoredWrite, TransactOptions, WriteQueueOptions } from './write-queue-options.ts'
import { isSettled } from './write.ts'
import type { Write } from './write.ts'

/** Writes transactions: shows them at once, stores them, and settles them when the log has confirmed them. */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #pending: PendingWrites
  readonly #watch: ConfirmationWatch
  readonly #awaited = new AwaitedTxIds()
  readonly #functions: FunctionWrites
  readonly #writtenRows = new WrittenRows()
  // Confirmed inside a publication; told of when that is over.
  #confirmed: PendingWrite[] = []

  constructor(options: WriteQueueOptions) {
    const { publisher, reporter, signal } = options
    this.#options = options
    this.#pending = new PendingWrites(publisher, reporter)
    this.#functions = new FunctionWrites({ ...options, awaited: this.#awaited })
    this.#watch = new ConfirmationWatch({
      ...options,
      onMissing: (writes) => writes.forEach((write) => this.#fail(write, missingError(write))),
    })
    signal.addEventListener('abort', () => {
      // The signal aborts with the error of a closed database.
      const error = signal.reason as StreamDBError
      this.#end([...this.#pending].map((pending) => ({ pending, event: { type: 'fail', error } })))
    })
  }

  /** The writes under way, oldest first; the same array until one of them changes. */
  get pending(): readonly Write[] {
    return this.#pending.snapshot
  }

  /** Returns the write of a transaction of this database. */
  of(transaction: Transaction): Write | undefined {
    return this.#pending.of(transaction)?.write
  }

  /** Calls `listener` after every change of a write; returns what ends it. */
  subscribe(listener: () => void): () => void {
    return this.#pending.subscribe(listener)
  }

  /** Tells `observer` of every write, as long as the database lives. */
  observe(observer: WriteObserver): void {
    this.#pending.observe(observer)
  }

  /**
   * Runs `mutate` in one transaction, shows it, and writes it in the background; returns TanStack's transaction.
   *
   * The transaction stays pending until its rows came back through the log: remote changes keep arriving meanwhile
   * (SPEC W3), and its rows do not flicker. Throws what `mutate` throws; nothing is shown then.
   */
  transact(mutate: () => void, { action, send, expect, ...kept }: TransactOptions = {}): Transaction {
    const { assertWritable, outbox } = this.#options
    assertWritable()
    outbox?.assertRoom()
    if (outbox !== undefined && send !== undefined) assertKeepable(kept.call?.params, action)
    const txid = randomId()
    const { transaction, events } = makeTransaction(mutate, { txid, expect }, this.#options)
    const pending = toPending({ txid, action, events, send }, transaction)
    this.#begin(pending)
    // Whoever heard of it may have rolled it back. The outcome is the transaction's own promise; delivery never rejects.
    if (transaction.state === 'pending') void this.#deliver(pending, send, kept)
    return transaction
  }

  /** Shows writes again that an earlier page or another tab has kept, as they were, and follows them to their end. */
  restore(writes: readonly RestoredWrite[]): void {
    const { publisher, reporter } = this.#options
    const onError = (error: unknown): void => reporter.report(error, 'A listener of a collection')
    const transactions = restoreTransactions(writes, publisher, onError)
    for (const [index, write] of writes.entries()) {
      const transaction = transactions[index]
      if (transaction === undefined) continue
      const pending: PendingWrite = { ...toPending(write, transaction), isRestored: true }
      this.#begin(pending)
      if (transaction.state === 'pending') void this.#deliver(pending, write.send)
    }
  }

  /** Returns the transaction of a write that is under way. */
  find(txid: string): Transaction | undefined {
    return this.#pending.find(txid)?.write.transaction
  }

  /**
   * Rolls a write back that was not sent, and says whether it was one. Those that depend on it are rolled back as well, and
   * stay in the outbox.
   */
  discard(txid: string): boolean {
    const pending = this.#pending.find(txid)
    if (pending?.handle?.withdraw() !== true) return false
    this.#fail(pending, discardedError(pending))
    return true
  }

  /** Confirms the writes whose transactions become visible, inside the publication in which their rows come. */
  settlementOf(txids: ReadonlySet<string>): Settlement | undefined {
    const confirmed = this.#awaited.markSeen(txids)
    if (confirmed.size === 0) return undefined
    const collections = new Set<AnyCollection>()
    for (const pending of confirmed) {
      // Seen in the log is stored, whatever became of the answer.
      pending.handle?.seen()
      this.#pending.update(pending, { type: 'acknowledge' })
      for (const collection of touchedBy(pending.write.transaction)) collections.add(collection)
    }
    const settle = (): void => void this.#confirmed.push(...this.#settle(confirmations(confirmed)))
    return { collections, settle }
  }

  /** Transactions became visible: tells of the writes that they confirmed. */
  onApplied(txids: ReadonlySet<string>): void {
    // Most were confirmed with their rows; here is who began to wait since.
    this.#confirmed.push(...this.#settle(confirmations(this.#awaited.markSeen(txids))))
    this.#pending.announce(this.#confirmed.splice(0))
  }

  /** Transactions were read inside a snapshot that has not ended: they are stored, and not visible yet (F-real-8). */
  onInsideSnapshot(txids: ReadonlySet<string>): void {
    for (const [txid, pending] of this.#awaited.waitingFor(txids)) {
      if (pending.write.txid !== txid || pending.isInsideSnapshot) continue
      pending.isInsideSnapshot = true
      pending.handle?.seen()
      this.#acknowledge(pending)
    }
  }

  /** Takes note of an event of the log, in its order. */
  onEvent(event: ChangeEvent): void {
    this.#writtenRows.onEvent(event)
  }

  /** Fails the writes that are not known to be stored: the log is no longer read, because of `error`. */
  rejectAll(error: StreamDBError): void {
    const ends: WriteEnd[] = []
    for (const pending of this.#pending) {
      // What is kept outlives this page, and waits for the log to be read again.
      if (pending.handle === undefined || pending.handle.refuse !== undefined) continue
      if (pending.write.state.name !== 'pending') continue
      const reason = pending.handle.withdraw() ? error : interruptedError(pending, error)
      ends.push({ pending, event: { type: 'fail', error: reason } })
    }
    this.#end(ends)
  }

  #begin(pending: PendingWrite): void {
    const { txid, transaction } = pending.write
    // The application may settle it too: it may roll it back.
    void transaction.when('settled').then(
      () => this.#end([{ pending, event: { type: 'confirm' } }]),
      (error: unknown) => this.#end([{ pending, event: { type: 'fail', error: rollbackReason(error) } }]),
    )
    lockTransaction(transaction, this.#options.publisher)
    this.#awaited.add(txid, pending)
    this.#writtenRows.addOwn(txid)
    if (pending.rolledBack) this.#writtenRows.add(pending)
    this.#pending.add(pending)
  }

  async #deliver(pending: PendingWrite, send: WriteFunction | undefined, kept?: KeepOptions): Promise<void> {
    const isEmpty = send === undefined && pending.events.length === 0
    try {
      if (this.#options.outbox !== undefined && !isEmpty) await this.#keep(pending, send, kept)
      else if (send !== undefined) await this.#runFunction(pending, send)
      else if (pending.events.length > 0) await this.#append(pending)
      else await Promise.resolve().then(() => this.#end(confirmations([pending])))
    } catch (error) {
      this.#fail(pending, error)
    }
  }

  async #append(pending: PendingWrite): Promise<void> {
    const { transport } = this.#options
    pending.handle = appendWrite(pending, transport, (event) => this.#pending.update(pending, event))
    const { offset } = await pending.handle.done
    this.#options.logEnd.noteStored(offset)
    this.#acknowledge(pending)
  }

  /** Lets the application write, then keeps the overlay until what it wrote is visible (SPEC F-write-2). */
  async #runFunction(pending: PendingWrite, send: WriteFunction): Promise<void> {
    const { signal } = pending.rolledBack ?? new AbortController()
    await this.#functions.run(pending, send, signal)
    await this.#showFunction(pending, signal)
  }

  async #showFunction(pending: PendingWrite, signal: AbortSignal): Promise<void> {
    if (isSettled(pending.write)) return
    this.#acknowledge(pending)
    await this.#functions.waitUntilVisible(pending, signal)
    if (pending.awaited.size > 0 || pending.isInsideSnapshot || signal.aborted) return
    this.#end(confirmations([pending]))
  }

  /** Has a write kept by the outbox, or takes one over that it keeps: it is sent in its turn, by whichever page leads then. */
  async #keep(
    pending: PendingWrite,
    send: WriteFunction | undefined,
    { call, replaces }: KeepOptions = {},
  ): Promise<void> {
    const { outbox } = this.#options
    const { events, write, isRestored = false } = pending
    const { txid, action } = write
    const { signal } = pending.rolledBack ?? new AbortController()
    const carrier: WriteCarrier = {
      onRetry: (retry) => this.#pending.update(pending, { type: 'retry', ...retry }),
      ...(send && {
        run: (until) =>
          withLinkedSignal([signal, until], (linked) => this.#functions.runKept(pending, send, linked)),
      }),
    }
    pending.handle = isRestored
      ? outbox?.resume(txid, carrier)
      : outbox?.add({ txid, events, action, call: send && call }, carrier, replaces)
    // The store is opened with the log.
    this.#options.logEnd.readOn()
    const receipt = await pending.handle?.done
    this.#options.logEnd.noteStored(receipt?.offset)
    if (send === undefined) this.#acknowledge(pending)
    else await this.#showFunction(pending, signal)
  }

  #acknowledge(pending: PendingWrite): void {
    if (isSettled(pending.write)) return
    this.#pending.update(pending, { type: 'acknowledge' })
    this.#options.logEnd.readOn()
    this.#watch.add(pending)
  }

  /** Rolls a write back, and those that depend on it and were not sent; what was sent is for the log to decide. */
  #fail(pending: PendingWrite, thrown: unknown): void {
    const { transaction, action } = pending.write
    const what = action === undefined ? 'The write failed' : `The action "${action}" failed`
    const error = toStreamDBError(thrown, 'write-failed', what)
    if (pending.write.state.name === 'confirmed') {
      // The log has it, whatever becomes of the answer, or of the function that wrote it.
      if (pending.rolledBack && error.code !== 'closed') this.#options.reporter.report(error, 'A mutationFn')
      return
    }
    if (transaction.state !== 'pending') return
    pending.handle?.refuse?.(error)
    const dependency = dependencyError(pending, error)
    const dependents = withdrawDependents(pending, this.#pending, dependency)
    this.#end([
      { pending, event: { type: 'fail', error } },
      ...dependents.map((each) => ({ pending: each, event: { type: 'fail', error: dependency } }) as const),
    ])
  }

  #end(ends: readonly WriteEnd[]): void {
    this.#pending.announce(this.#settle(ends))
  }

  #settle(ends: readonly WriteEnd[]): PendingWrite[] {
    const settled = this.#pending.settle(ends)
    for (const pending of settled) {
      this.#awaited.remove(pending)
      this.#watch.remove(pending)
      this.#writtenRows.remove(pending)
      pending.handle?.withdraw()
    }
    return settled
  }
}
