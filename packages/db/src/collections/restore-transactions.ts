import type { PendingMutation, Transaction } from '@tanstack/db'
import type { Publisher } from './publication.ts'
import { createPendingTransaction, randomId } from './transactions.ts'
import type { AnyCollection } from './types.ts'

/** What a transaction of an earlier page did to a row. */
export interface RestoredMutation {
  readonly collection: AnyCollection
  readonly key: string
  readonly type: 'insert' | 'update' | 'delete'
  /** The row that it was based on; absent for an insert. */
  readonly before: object | undefined
  /** The row that it put; absent for a delete. */
  readonly after: object | undefined
}

/** A transaction of an earlier page. */
export interface RestoredTransaction {
  readonly mutations: readonly RestoredMutation[]
  /** Milliseconds since the epoch. Among transactions that are shown, the later one lies above. */
  readonly createdAt: number
}

/**
 * Makes pending transactions that show what they showed on an earlier page, as one publication; returns them, in order.
 *
 * The rows need not be loaded: an update shows the whole row. Each collection recomputes once, however many they are. What
 * a listener throws is given to `onListenerError`.
 */
export function restoreTransactions(
  restored: readonly RestoredTransaction[],
  publisher: Publisher,
  onListenerError: (error: unknown) => void,
): Transaction[] {
  const touched = new Set<AnyCollection>()
  const transactions = restored.map(({ mutations, createdAt }) => {
    const transaction = createPendingTransaction()
    transaction.createdAt = new Date(createdAt)
    for (const { collection } of mutations) {
      collection._state.trackTransaction(transaction)
      touched.add(collection)
    }
    transaction.applyMutations(mutations.map((each) => toPendingMutation(each, transaction.createdAt)))
    return transaction
  })
  if (touched.size === 0) return transactions
  try {
    publisher.publish(touched, () => {
      for (const collection of touched) collection._state.recomputeOptimisticState(true)
    })
  } catch (error) {
    onListenerError(error)
  }
  return transactions
}

function toPendingMutation(mutation: RestoredMutation, at: Date): PendingMutation {
  const { collection, key, type, before = {}, after = before } = mutation
  const pending = {
    mutationId: randomId(),
    ...{ type, key, collection, original: before, modified: after, changes: after },
    globalKey: globalKeyOf(collection, key),
    metadata: undefined,
    syncMetadata: {},
    optimistic: true,
    createdAt: at,
    updatedAt: at,
  }
  return pending as unknown as PendingMutation // of one of our collections, whatever its rows are
}

/** Returns TanStack's own name of a row, which it does not export (contract/global-key.test.ts): writes of one row share it. */
function globalKeyOf({ id }: AnyCollection, key: string): string {
  return `KEY::${JSON.stringify([id, typeof key, key])}`
}
