import { rollBackTransaction, settleTransaction } from '../collections/settle.ts'
import { createPendingTransaction } from '../collections/transactions.ts'
import type { Transaction } from '@tanstack/db'
import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import type { AppendHandle } from '@streamdb/log'
import { delay } from '@streamdb/log'
import { StreamDBError, toStreamDBError } from '@streamdb/log'
import type { AwaitOptions } from './await-txid.ts'
import { subscribe } from '../subscribe.ts'
import { Tail } from './offset-waiters.ts'
import type { TxIdWait } from './txids.ts'
import { wireEvents } from './wire-format.ts'

/** How far a transaction has come on its way into the log. */
export type WriteState =
  /** Shown, and not known to be stored. */
  | { readonly name: 'pending' }
  /** Stored; its rows have not come back yet. */
  | { readonly name: 'sent' }
  /** In the log, and its rows are visible. */
  | { readonly name: 'confirmed' }
  /** Taken back. `write-unknown` says that it may be in the log all the same. */
  | { readonly name: 'failed'; readonly error: StreamDBError }

/** A transaction of this client on its way. */
export interface Write {
  readonly txid: string
  readonly transaction: Transaction
  /** The action that made it; absent for a collection's own methods and `transact`. */
  readonly action?: string | undefined
  readonly state: WriteState
}

/** What a write function is told of the transaction that it is to write. */
export interface WriteContext {
  readonly transaction: Transaction
  /** The transaction's mutations as events, each with the txid. */
  readonly events: readonly ChangeEvent[]
  readonly txid: string
  /** Aborts when the transaction is taken back, or the database closes. */
  readonly signal: AbortSignal
}

/** Writes a transaction; what it returns, a txid or several, is awaited. */
export type Send = (context: WriteContext) => Promise<unknown>

/** How a transaction is written, where it is not the plain append. */
export interface TransactOptions {
  readonly action?: string | undefined
  readonly send?: Send | undefined
}

/** What writing needs of its database. */
export interface WritesOwner {
  readonly signal: AbortSignal
  /** How long a stored transaction may take to come back, in milliseconds. */
  readonly confirmTimeout: number
  /** Throws where nothing can be written. */
  assertWritable(): void
  definitionOf(collection: object): CollectionDefinition | undefined
  append(message: string, txid: string): AppendHandle
  /** A transaction was stored: see to it that it is read. */
  onSent(): void
  awaitTxId(txid: string, wait: AwaitOptions): Promise<void>
  waitForTxId(txid: string): TxIdWait
  /** Returns where the log ends by now; rejects where that cannot be told. */
  findEnd(signal: AbortSignal): Promise<string>
  newTxId(): string
  /** A transaction is shown and about to be written. */
  onBegin(transaction: Transaction, txid: string): void
  /** A transaction is settled: confirmed or failed. */
  onSettled(write: Write): void
  onError(error: unknown): void
}

/** A write under way, and what its fate depends on. */
interface Pending {
  write: Write
  readonly keys: ReadonlySet<string>
  append?: AppendHandle
  /** Ends what is under way for it; there is none once it is settled, by whomever. */
  end?: ((reason?: StreamDBError) => void) | undefined
}

/** Writes transactions: shows them at once, appends them, and settles them when the log has confirmed them. */
export class Writes {
  readonly #owner: WritesOwner
  readonly #tail = new Tail()
  readonly #listeners = new Set<() => void>()
  readonly #writes = new WeakMap<Transaction, Pending>()
  #pending: readonly Pending[] = []
  #snapshot: readonly Write[] = []

  constructor(owner: WritesOwner) {
    this.#owner = owner
    const { signal } = owner
    signal.addEventListener('abort', () => {
      // From the last to the first: none is to fail for the sake of another.
      for (const each of [...this.#pending].reverse()) this.#fail(each, signal.reason)
    })
  }

  /** The writes under way, oldest first; the same array until one of them changes. */
  get pending(): readonly Write[] {
    return this.#snapshot
  }

  /** Returns the write of a transaction of ours. */
  of(transaction: Transaction): Write | undefined {
    return this.#writes.get(transaction)?.write
  }

  /** Calls `listener` after every change of a write; returns what ends it. */
  subscribe(listener: () => void): () => void {
    return subscribe(this.#listeners, listener)
  }

  /** Takes note of how far the log is shown. */
  onCommit(offset: string): void {
    this.#tail.advance(offset)
  }

  /**
   * Runs `mutate` in one transaction, shows it, and writes it in the background; returns TanStack's transaction.
   *
   * The transaction stays pending while it is under way, so that remote changes keep arriving (DESIGN W3), and until
   * its rows came back through the log, so that they do not flicker. Throws what `mutate` throws; nothing is shown then.
   */
  transact(mutate: () => void, { action, send }: TransactOptions = {}): Transaction {
    this.#owner.assertWritable()
    const transaction = createPendingTransaction()
    const txid = this.#owner.newTxId()
    let events: ChangeEvent[]
    try {
      transaction.mutate(() => assertSynchronous(mutate()))
      // It may have closed us.
      this.#owner.assertWritable()
      events = wireEvents(transaction.mutations, txid, (collection) => this.#owner.definitionOf(collection))
    } catch (error) {
      this.#rollback(transaction)
      throw error
    }
    ownOutcome(transaction)
    const keys = new Set(transaction.mutations.map((mutation) => mutation.globalKey))
    const write: Write = { txid, transaction, action, state: { name: 'pending' } }
    const pending: Pending = { write, keys }
    this.#writes.set(transaction, pending)
    this.#pending = [...this.#pending, pending]
    this.#owner.onBegin(transaction, txid)
    this.#changed()
    // The application may settle it too.
    void transaction.when('settled').then(
      () => this.#settle(pending, { name: 'confirmed' }),
      (error: unknown) => this.#settle(pending, { name: 'failed', error: reasonOf(error, txid) }),
    )
    // Whoever heard of it may have taken it back. The outcome is the transaction's own promise; run never rejects.
    if (transaction.state === 'pending') void this.#run(pending, events, send)
    return transaction
  }

  async #run(pending: Pending, events: readonly ChangeEvent[], send: Send | undefined): Promise<void> {
    try {
      if (send !== undefined) await this.#sendOwn(pending, events, send)
      else if (events.length > 0) await this.#append(pending, events)
    } catch (error) {
      this.#fail(pending, error)
      return
    }
    this.#confirm(pending)
  }

  async #append(pending: Pending, events: readonly ChangeEvent[]): Promise<void> {
    const { txid } = pending.write
    const append = this.#owner.append(events.map((event) => JSON.stringify(event)).join(','), txid)
    const wait = this.#owner.waitForTxId(txid)
    pending.append = append
    pending.end = wait.abort
    // Seen in the log is stored, whatever became of the answer.
    const seen = wait.done.then(
      () => append.seen(),
      (cause: unknown) => {
        if (pending.write.state.name === 'sent' || append.withdraw()) throw cause
        const what = `Transaction ${txid} may be in the log: it was being sent when reading stopped`
        throw new StreamDBError('write-unknown', what, { cause })
      },
    )
    await Promise.race([append.done, seen])
    if (isSettled(pending)) return
    this.#sent(pending)
    wait.startClock(this.#owner.confirmTimeout)
    await seen
  }

  /** Lets the application write, then keeps the overlay until what it wrote is there (FAULTS F-write-2). */
  async #sendOwn(pending: Pending, events: readonly ChangeEvent[], send: Send): Promise<void> {
    const { transaction, txid } = pending.write
    const ending = new AbortController()
    const { signal } = ending
    pending.end = (reason) => ending.abort(reason)
    const result = await send({ transaction, events, txid, signal })
    if (signal.aborted) return
    this.#sent(pending)
    const wait = { timeout: this.#owner.confirmTimeout, signal }
    const txids = [result].flat().filter((each) => typeof each === 'string')
    if (txids.length > 0) await Promise.all(txids.map((each) => this.#owner.awaitTxId(each, wait)))
    else {
      // Where the end of the log cannot be asked for, the rows are given a moment to come.
      const shown = this.reachEnd(signal).catch(() => delay(5000, signal))
      await Promise.race([shown, this.#owner.awaitTxId(txid, wait)])
    }
  }

  /** Resolves when all is shown that the log holds by now: what was written before now is part of it. */
  async reachEnd(signal: AbortSignal): Promise<void> {
    this.#owner.onSent()
    await this.#tail.reach(await this.#owner.findEnd(signal), signal)
  }

  #sent(pending: Pending): void {
    this.#set(pending, { name: 'sent' })
    this.#owner.onSent()
  }

  /**
   * Takes the overlay away, in one step. TanStack's own commit persists for a moment, and a batch that came in that
   * moment would be held back in these collections, and shown in all others (DESIGN C1, fact 4).
   */
  #confirm(pending: Pending): void {
    const { transaction } = pending.write
    if (transaction.state !== 'pending') return
    this.#guard(() => settleTransaction(transaction))
    this.#settle(pending, { name: 'confirmed' })
  }

  /**
   * Takes a write back. Later ones on the same rows were built upon it: those not sent yet go with it; those that
   * were are for the log to decide.
   */
  #fail(pending: Pending, thrown: unknown): void {
    const { transaction, txid, state } = pending.write
    if (transaction.state !== 'pending') return
    let error = toStreamDBError(thrown, 'write-failed', `Transaction ${txid} could not be written`)
    if (state.name === 'sent' && error.code !== 'closed') {
      const what = `Transaction ${txid} was stored, and did not come back: ${error.message}`
      error = new StreamDBError('write-unknown', what, { cause: error })
    }
    const later = this.#pending.slice(this.#pending.indexOf(pending) + 1)
    this.#takeBack(pending, error)
    for (const other of later) {
      const upon = [...other.keys].some((key) => pending.keys.has(key))
      if (!upon || !other.append?.withdraw()) continue
      const what = `Transaction ${other.write.txid} was built upon ${txid}, which failed: ${error.message}`
      this.#takeBack(other, new StreamDBError('rolled-back', what, { cause: error }))
    }
  }

  #takeBack(pending: Pending, error: StreamDBError): void {
    this.#rollback(pending.write.transaction, error)
    this.#settle(pending, { name: 'failed', error })
  }

  #rollback(transaction: Transaction, error?: StreamDBError): void {
    this.#guard(() => rollBackTransaction(transaction, error))
  }

  /** Ends a write, once. */
  #settle(pending: Pending, state: WriteState): void {
    if (isSettled(pending)) return
    pending.append?.withdraw()
    pending.end?.(state.name === 'failed' ? state.error : undefined)
    pending.end = undefined
    this.#pending = this.#pending.filter((each) => each !== pending)
    this.#set(pending, state)
    this.#owner.onSettled(pending.write)
  }

  #set(pending: Pending, state: WriteState): void {
    pending.write = { ...pending.write, state }
    this.#changed()
  }

  #changed(): void {
    this.#snapshot = this.#pending.map((each) => each.write)
    for (const listener of [...this.#listeners]) this.#guard(listener)
  }

  /** Runs what calls listeners of the application: it is done all the same where one throws. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#owner.onError(error)
    }
  }
}

function isSettled({ write: { state } }: Pending): boolean {
  return state.name === 'confirmed' || state.name === 'failed'
}

function assertSynchronous(result: unknown): void {
  if (!(result instanceof Promise)) return
  // Nobody else reads it.
  result.catch(() => undefined)
  throw new StreamDBError(
    'invalid-write',
    'What mutates must be synchronous: expected no promise; wait in mutationFn instead',
  )
}

/**
 * Leaves a transaction's outcome to the log: whoever is given it may roll it back, and wait. Committed from outside it
 * would say `confirmed` of what nobody stored; mutated again it would show what nobody writes.
 */
function ownOutcome(transaction: Transaction): void {
  const refuse = (): never => {
    const what = 'This transaction is being written already: the log settles it'
    throw new StreamDBError(
      'invalid-write',
      `${what}; wait with when('settled'), and mutate in one of its own`,
    )
  }
  Object.assign(transaction, { commit: refuse, mutate: refuse })
}

function reasonOf(error: unknown, txid: string): StreamDBError {
  if (error !== undefined) return toStreamDBError(error, 'write-failed', `Transaction ${txid} failed`)
  return new StreamDBError('rolled-back', `Transaction ${txid} was rolled back by its owner`)
}
