import { getActiveTransaction } from '@tanstack/db'
import type { PendingMutation, Transaction } from '@tanstack/db'
import { lastMerged } from './merge-mutations.ts'
import type { AnyCollection } from './types.ts'

type State = AnyCollection['_state']

/**
 * Makes a collection show a write in time that does not grow with the writes that are pending.
 *
 * TanStack computes what is shown from all pending transactions at every mutation, so 4,000 single inserts in one turn
 * hold the event loop for many seconds (F-real-13). A mutation of the newest transaction lies over all others: it alone
 * decides its rows. So TanStack's own computation is given a view of the state that holds those rows and that
 * transaction only; the result is put back, and published after that (contract/incremental-overlay.test.ts).
 *
 * Upstream: a recompute of the touched keys would remove this. Where a part of the state is named otherwise, or there
 * is more to be considered, TanStack computes everything as ever.
 */
export function overlayIncrementally(collection: AnyCollection): void {
  const state = collection._state
  const recompute = state.recomputeOptimisticState.bind(state)
  let newest: Transaction | undefined
  state.recomputeOptimisticState = (isUserAction = false) => {
    const transaction = isUserAction ? getActiveTransaction() : undefined
    if (transaction !== undefined && isNewest(transaction, newest)) {
      newest = transaction
      const mutations = lastMerged(transaction)?.filter((mutation) =>
        Object.is(mutation.collection, collection),
      )
      const canDefer = typeof (collection as Partial<AnyCollection>)._deferPublication === 'function'
      if (mutations && canDefer && isSimple(state, mutations)) {
        overlay(collection, { transaction, mutations, recompute })
        return
      }
    }
    recompute(isUserAction)
  }
}

function isNewest(transaction: Transaction, newest: Transaction | undefined): boolean {
  return newest === undefined || newest === transaction || transaction.compareCreatedAt(newest) > 0
}

/** Whether nothing but the mutations decides the rows that they are of. */
function isSimple(state: Partial<State>, mutations: readonly PendingMutation[]): boolean {
  return (
    mutations.every(({ optimistic }) => optimistic) &&
    state.pendingSyncedTransactions?.length === 0 &&
    state.heldOptimisticRows?.size === 0 &&
    state.optimisticUpserts instanceof Map &&
    state.optimisticDeletes instanceof Set &&
    state.pendingLocalChanges instanceof Set &&
    state.transactions !== undefined &&
    typeof state.size === 'number'
  )
}

interface Overlay {
  readonly transaction: Transaction
  readonly mutations: readonly PendingMutation[]
  readonly recompute: (isUserAction: boolean) => void
}

function overlay(collection: AnyCollection, { transaction, mutations, recompute }: Overlay): void {
  const state = collection._state
  const { optimisticUpserts, optimisticDeletes, pendingLocalChanges, transactions, size } = state
  const keys = new Set(mutations.map(({ key }) => String(key)))
  const sizeBefore = countVisible(state, keys)
  // Listeners are called when the state is whole again.
  const deferral = collection._deferPublication()
  try {
    state.optimisticUpserts = pick(optimisticUpserts, keys)
    state.optimisticDeletes = new Set([...keys].filter((key) => optimisticDeletes.has(key)))
    state.pendingLocalChanges = new Set()
    const view = viewOf(transaction, mutations)
    state.transactions = new Map([[transaction.id, view]]) as unknown as typeof transactions // it is only iterated
    recompute(true)
  } finally {
    for (const key of keys) {
      const row = state.optimisticUpserts.get(key)
      if (row === undefined) optimisticUpserts.delete(key)
      else optimisticUpserts.set(key, row)
      if (state.optimisticDeletes.has(key)) optimisticDeletes.add(key)
      else optimisticDeletes.delete(key)
      pendingLocalChanges.add(key)
    }
    Object.assign(state, { optimisticUpserts, optimisticDeletes, pendingLocalChanges, transactions })
    state.size = size + countVisible(state, keys) - sizeBefore
    deferral.publish()
  }
}

/** What a transaction did before lies there already. One without a before is given as it is: a prototype is slow to use. */
function viewOf(transaction: Transaction, mutations: readonly PendingMutation[]): Transaction {
  if (mutations.length === transaction.mutations.length) return transaction
  return Object.create(transaction, { mutations: { value: mutations } }) as Transaction // as it says
}

function pick(rows: ReadonlyMap<string, object>, keys: Iterable<string>): Map<string, object> {
  const picked = new Map<string, object>()
  for (const key of keys) {
    const row = rows.get(key)
    if (row !== undefined) picked.set(key, row)
  }
  return picked
}

/** Returns how many of the keys have a row that is shown. */
export function countVisible(state: State, keys: Iterable<string>): number {
  let count = 0
  for (const key of keys) if (state.has(key)) count++
  return count
}
