import { createTransaction, deepEquals, safeRandomUUID } from '@tanstack/db'
import type { Transaction } from '@tanstack/db'

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
  return createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
}

/** Tells whether two values are the same in all their parts, by TanStack's own rules: those of its collections. */
export const isEqual: (left: unknown, right: unknown) => boolean = deepEquals

/** Returns a new random id, also where `crypto.randomUUID` does not exist (a page that was served by plain HTTP). */
export const randomId: () => string = safeRandomUUID
