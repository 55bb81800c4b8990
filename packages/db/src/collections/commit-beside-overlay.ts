import { countVisible } from './incremental-overlay.ts'
import { defer } from './publication.ts'
import type { AnyCollection } from './types.ts'

type State = AnyCollection['_state']

/**
 * Runs `commit`, a sync commit of `keys`, in time that does not grow with the writes that are pending.
 *
 * TanStack lays all pending writes over the rows again with every commit, so a transaction that updates 4,000 rows one by
 * one, each of which is loaded for it, held the event loop for four seconds. What is committed beside them changes none:
 * it is given a view of the state without pending writes, and published when these are back
 * (contract/incremental-overlay.test.ts).
 *
 * Upstream: a recompute of the touched keys would remove this. Where a part of the state is named otherwise, or one of the
 * keys has a pending write, TanStack lays all of them over the rows as ever.
 */
export function commitBesideOverlay<Receipt>(
  collection: AnyCollection,
  keys: readonly string[],
  commit: () => Receipt,
): Receipt {
  const state = collection._state
  if (!isBeside(state, keys)) return commit()
  const { optimisticUpserts, optimisticDeletes, transactions, size } = state
  const sizeBefore = countVisible(state, keys)
  const publish = defer(collection)
  try {
    state.optimisticUpserts = new Map()
    state.optimisticDeletes = new Set()
    state.transactions = new Map() as unknown as typeof transactions // it is only iterated
    return commit()
  } finally {
    Object.assign(state, { optimisticUpserts, optimisticDeletes, transactions })
    state.size = size + countVisible(state, keys) - sizeBefore
    publish()
  }
}

/** Whether there are pending writes, and none that the keys concern or that holds the commit back. */
function isBeside(state: Partial<State>, keys: readonly string[]): boolean {
  const {
    optimisticUpserts,
    optimisticDeletes,
    transactions,
    pendingSyncedTransactions,
    heldOptimisticRows,
  } = state
  if (!(optimisticUpserts instanceof Map) || !(optimisticDeletes instanceof Set)) return false
  if (transactions === undefined || typeof state.size !== 'number') return false
  if (optimisticUpserts.size + optimisticDeletes.size === 0) return false
  return (
    pendingSyncedTransactions?.length === 0 &&
    heldOptimisticRows?.size === 0 &&
    keys.every((key) => !optimisticUpserts.has(key) && !optimisticDeletes.has(key)) &&
    [...transactions.values()].every((transaction) => transaction.state !== 'persisting')
  )
}
