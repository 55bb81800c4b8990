import type { Transaction } from '@tanstack/db'
import type { AnyCollection } from './types.ts'

/**
 * Completes a pending transaction in one step: its overlay goes, and its promise resolves.
 *
 * TanStack's own `commit()` persists for a moment, and a batch that came in that moment would be held back in the
 * collections of the transaction and applied to all others (SPEC C1, fact 4; contract/settle.test.ts). Upstream:
 * there is no call for "the log has confirmed this transaction"; the RFC TanStack/db#1625 would bring one.
 * `isPersisted` is deprecated for waiting, and it is the only way to settle a transaction. Where one of the three
 * is gone, the transaction is committed: its state is `persisting` for a microtask.
 */
export function settleTransaction(transaction: Transaction): void {
  if (transaction.state !== 'pending') return
  // oxlint-disable-next-line typescript/no-deprecated -- see above
  const { isPersisted } = transaction as Partial<Transaction> // a later TanStack may have none
  if (typeof isPersisted?.resolve !== 'function' || !canComplete(transaction)) {
    // The outcome is the transaction's own promise.
    void transaction.commit().catch(() => undefined)
    return
  }
  transaction.setState('completed')
  try {
    transaction.touchCollection()
  } finally {
    isPersisted.resolve(transaction)
  }
}

function canComplete({ setState, touchCollection }: Partial<Transaction>): boolean {
  return typeof setState === 'function' && typeof touchCollection === 'function'
}

/** Takes the overlay of a pending transaction away, and rejects its promise with `error`. */
export function rollBackTransaction(transaction: Transaction, error?: Error): void {
  // Secondary: this transaction alone. The others on its rows may be in the log; the log decides about them.
  transaction.rollback({ isSecondaryRollback: true, ...(error && { error }) })
}

/** How a pending transaction ends: rolled back with `error`, or completed. */
export interface Outcome {
  readonly transaction: Transaction
  readonly error?: Error | undefined
}

/**
 * Settles pending transactions together: every collection that they touched recomputes once, however many they are.
 *
 * One by one each of them recomputes its collections from all that are pending, which for 2,000 is quadratic
 * (F-real-77). Each is settled, whatever a listener throws; then the first error is thrown. Where TanStack no longer
 * lets a transaction know its collections, they are settled one by one.
 */
export function settleTransactions(outcomes: readonly Outcome[]): void {
  const pending = outcomes.filter(({ transaction }) => transaction.state === 'pending')
  const last = pending.at(-1)?.transaction
  if (last === undefined) return
  if (pending.length === 1 || !pending.every(({ transaction }) => canSettleTogether(transaction))) {
    settleEach(pending)
    return
  }
  for (const { transaction, error } of pending) {
    if (error !== undefined) transaction.error = { message: error.message, error }
    transaction.setState(error === undefined ? 'completed' : 'failed')
    if (transaction === last) continue
    for (const collection of touchedBy(transaction)) last.collections.add(collection)
    transaction.collections.clear()
  }
  try {
    last.touchCollection()
  } finally {
    for (const { transaction, error } of pending) {
      // oxlint-disable-next-line typescript/no-deprecated -- as in settleTransaction
      const { isPersisted } = transaction
      if (error === undefined) isPersisted.resolve(transaction)
      else isPersisted.reject(error)
    }
  }
}

/** Returns the collections that show something of a transaction. */
export function touchedBy({ collections, mutations }: Transaction): Set<AnyCollection> {
  const touched = new Set<unknown>(collections)
  for (const { collection } of mutations) touched.add(collection)
  return touched as Set<AnyCollection> // whatever their rows are
}

function settleEach(outcomes: readonly Outcome[]): void {
  const errors: unknown[] = []
  for (const { transaction, error } of outcomes) {
    try {
      if (error === undefined) settleTransaction(transaction)
      else rollBackTransaction(transaction, error)
    } catch (thrown) {
      errors.push(thrown)
    }
  }
  if (errors.length > 0) throw errors[0]
}

function canSettleTogether(transaction: Transaction): boolean {
  // oxlint-disable-next-line typescript/no-deprecated -- as in settleTransaction
  const { collections, isPersisted } = transaction as Partial<Transaction> // a later TanStack may have none
  return canComplete(transaction) && collections instanceof Set && typeof isPersisted?.reject === 'function'
}
