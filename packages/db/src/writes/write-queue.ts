import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import { delay, toStreamDBError } from '@streamdb/log'
import type { StreamDBError } from '@streamdb/log'
import type { Settlement } from '../collections/apply.ts'
import { rollBackTransaction, touchedBy } from '../collections/settle.ts'
import { createPendingTransaction, mutateIn, randomId } from '../collections/transactions.ts'
import type { AnyCollection } from '../collections/types.ts'
import { AwaitedTxIds } from './awaited-txids.ts'
import { ConfirmationWatch } from './confirmation-watch.ts'
import { appendWrite, runWriteFunction, toTxIds } from './delivery.ts'
import type { WriteFunction } from './delivery.ts'
import { assertSynchronous, lockTransaction } from './lock-transaction.ts'
import type { PendingWrite, WriteEnd } from './pending-write.ts'
import { PendingWrites } from './pending-writes.ts'
import type { WriteObserver } from './pending-writes.ts'
import {
  dependencyError,
  failedFunctionError,
  interruptedError,
  missingError,
  rollbackReason,
  withdrawDependents,
} from './rollback.ts'
import { WrittenRows } from './written-rows.ts'
import { toEvents } from './wire-format.ts'
import type { TransactOptions, WriteQueueOptions } from './write-queue-options.ts'
import { isSettled } from './write.ts'
import type { Write } from './write.ts'

// Where the end of the log cannot be asked for, rows that the application wrote have this long to come.
const grace = 5000

/** Writes transactions: shows them at once, stores them, and settles them when the log has confirmed them. */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #pending: PendingWrites
  readonly #watch: ConfirmationWatch
  readonly #awaited = new AwaitedTxIds()
  readonly #writtenRows = new WrittenRows()
  // Confirmed inside a publication; told of when that is over.
  #confirmed: PendingWrite[] = []

  constructor(options: WriteQueueOptions) {
    const { publisher, reporter, signal } = options
    this.#options = options
    this.#pending = new PendingWrites(publisher, reporter)
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
  transact(mutate: () => void, { action, send }: TransactOptions = {}): Transaction {
    const { assertWritable, reporter } = this.#options
    assertWritable()
    const transaction = createPendingTransaction()
    const txid = randomId()
    let events: ChangeEvent[]
    try {
      mutateIn(
        transaction,
        () => assertSynchronous(mutate()),
        (error) => reporter.report(error, 'A listener of a collection'),
      )
      // It may have closed the database.
      assertWritable()
      events = toEvents(transaction.mutations, txid, this.#options)
    } catch (error) {
      try {
        rollBackTransaction(transaction)
      } catch (thrown) {
        reporter.report(thrown, 'A listener of a collection')
      }
      throw error
    }
    const pending: PendingWrite = {
      write: { txid, transaction, action, state: { name: 'pending' }, attempts: 0 },
      events,
      keys: new Set(transaction.mutations.map((mutation) => mutation.globalKey)),
      cameWith: new Set(),
      awaited: new Set(),
      ...(send && { rolledBack: new AbortController() }),
    }
    this.#begin(pending)
    // Whoever heard of it may have rolled it back. The outcome is the transaction's own promise; delivery never rejects.
    if (transaction.state === 'pending') void this.#deliver(pending, send)
    return transaction
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
      if (pending.handle === undefined || pending.write.state.name !== 'pending') continue
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

  async #deliver(pending: PendingWrite, send: WriteFunction | undefined): Promise<void> {
    try {
      if (send !== undefined) await this.#runFunction(pending, send)
      else if (pending.events.length > 0) await this.#append(pending)
      else await Promise.resolve().then(() => this.#end(confirmations([pending])))
    } catch (error) {
      this.#fail(pending, error)
    }
  }

  async #append(pending: PendingWrite): Promise<void> {
    const { transport } = this.#options
    pending.handle = appendWrite(pending, transport, (event) => this.#pending.update(pending, event))
    await pending.handle.done
    this.#acknowledge(pending)
  }

  /** Lets the application write, then keeps the overlay until what it wrote is visible (SPEC F-write-2). */
  async #runFunction(pending: PendingWrite, send: WriteFunction): Promise<void> {
    const { txids, logEnd } = this.#options
    const { signal } = pending.rolledBack ?? new AbortController()
    const result = await runWriteFunction(pending, send, signal).catch((error: unknown) =>
      this.#explain(pending, error, signal),
    )
    const written = toTxIds(result, pending.write.action)
    if (isSettled(pending.write)) return
    for (const txid of written) {
      pending.cameWith.add(txid)
      if (!txids.has(txid)) pending.awaited.add(txid)
    }
    for (const txid of pending.awaited) this.#awaited.add(txid, pending)
    this.#acknowledge(pending)
    if (written.length === 0) await logEnd.waitUntilVisible(signal).catch(() => delay(grace, signal))
    if (pending.awaited.size > 0 || pending.isInsideSnapshot || signal.aborted) return
    this.#end(confirmations([pending]))
  }

  /**
   * A write function threw, which may have appended before: the log says whether it did. Throws why it failed; returns
   * where the write is in the log, inside a snapshot that has not ended.
   */
  async #explain(pending: PendingWrite, thrown: unknown, signal: AbortSignal): Promise<undefined> {
    if (isSettled(pending.write)) throw thrown
    let wasRead = false
    const look = this.#options.logEnd.waitUntilVisible(signal).then(
      () => (wasRead = true),
      () => undefined,
    )
    await Promise.race([look, delay(grace, signal)])
    if (isSettled(pending.write)) throw thrown
    if (!pending.isInsideSnapshot) throw failedFunctionError(pending, thrown, wasRead)
    return undefined
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
    const dependents = withdrawDependents(pending, this.#pending)
    const dependency = dependencyError(pending, error)
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

function confirmations(writes: Iterable<PendingWrite>): WriteEnd[] {
  return Array.from(writes, (pending) => ({ pending, event: { type: 'confirm' } }))
}
