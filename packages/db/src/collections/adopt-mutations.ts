import type { PendingMutation, Transaction } from '@tanstack/db'
import { isMerged } from './merge-mutations.ts'
import type { AnyCollection } from './types.ts'

/**
 * Makes a transaction of the database write what a transaction of the application shows of `keys`: an update to the value
 * that a row shows already changes nothing, and TanStack would drop it (F-real-14).
 *
 * So it is in the `mutationFn` of a paced mutation, which shows its rows while it writes them by `db.transact`: nothing
 * would be stored, and the row fall back. Upstream: no change is needed for anybody else. Where TanStack keeps its
 * transactions elsewhere, nothing is adopted.
 */
export function adoptMutations(
  collection: AnyCollection,
  keys: readonly unknown[],
  transaction: Transaction | undefined,
): void {
  if (transaction === undefined || !isMerged(transaction)) return
  const state = collection._state
  const adopted: PendingMutation[] = []
  const transactions = state.transactions as { values(): Iterable<Transaction> } | undefined // a later TanStack may have none
  for (const other of transactions?.values() ?? []) {
    const isUnderWay = other.state === 'pending' || other.state === 'persisting'
    if (other === transaction || !isUnderWay || isMerged(other)) continue
    for (const mutation of other.mutations) {
      const isOfCollection = Object.is(mutation.collection, collection) && mutation.type !== 'delete'
      if (isOfCollection && keys.includes(mutation.key)) adopted.push({ ...mutation, updatedAt: new Date() })
    }
  }
  if (adopted.length === 0) return
  state.trackTransaction(transaction)
  transaction.applyMutations(adopted)
  state.recomputeOptimisticState(true)
}
