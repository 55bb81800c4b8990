import { createTransaction, deepEquals, safeRandomUUID } from '@tanstack/db'
import type { Transaction } from '@tanstack/db'
import { mergeMutations } from './merge-mutations.ts'

/**
 * The parts of TanStack that writing uses. `writes/`, `hydration.ts` and the others take them from here, so that no
 * folder but this one loads `@tanstack/db` at run time.
 */

/**
 * Creates a transaction that stays pending until this database settles it.
 *
 * A persisting one would hold back every remote change of the collections that it touched (contract/persisting.test.ts).
 */
export function createPendingTransaction(): Transaction {
  const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
  mergeMutations(transaction)
  return transaction
}

/** Tells whether two values are the same in all their parts, by TanStack's own rules: those of its collections. */
export const isEqual: (left: unknown, right: unknown) => boolean = deepEquals

/** Returns a new random id, also where `crypto.randomUUID` does not exist (a page that was served by plain HTTP). */
export const randomId: () => string = safeRandomUUID

/**
 * Runs `mutate` in a transaction. If `mutate` throws, the transaction is undone and the error is thrown. Errors of listeners of its
 * changes are passed to `onListenerError`, and the changes stay (F-real-64).
 *
 * TanStack runs live queries when `mutate` has ended, and throws what a listener of theirs throws from
 * `transaction.mutate`; the mutations stay. Where it no longer throws there, this does nothing more than `mutate` does.
 */
export function mutateIn(
  transaction: Transaction,
  mutate: () => void,
  onListenerError: (error: unknown) => void,
): void {
  let isMutated = false
  try {
    transaction.mutate(() => {
      mutate()
      isMutated = true
    })
  } catch (error) {
    if (!isMutated) throw error
    onListenerError(error)
  }
}
