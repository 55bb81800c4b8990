import { deepEquals } from '@tanstack/db'
import type { PendingMutation, Transaction } from '@tanstack/db'
import { withoutNegativeZero } from './negative-zero.ts'

/** A row, whatever its fields are. */
type Row = Record<string, unknown>

/** What a transaction does to one row. */
interface MergedRow {
  /** The row that was visible before the transaction; absent where there was none. */
  readonly before: Row | undefined
  /** All that the transaction does to it; absent where it leaves the row as it was. */
  mutation: PendingMutation | undefined
  /** Where `mutation` stands among the transaction's. */
  index: number
}

const mergedTransactions = new WeakSet<Transaction>()
const lastMutations = new WeakMap<Transaction, readonly PendingMutation[] | undefined>()

/**
 * Makes a transaction merge its mutations of one row into the one that leads from the row that was visible before to the
 * row that is visible after (contract/merge-mutations.test.ts).
 *
 * TanStack's own merge takes the row before from the last mutation or from the synced rows, which are neither where the
 * transaction changed the row twice, nor where another pending transaction lies under it: an undo would then restore a
 * row that never was, or delete one (F-real-63), and an insert over one's own pending update would be dropped
 * (F-real-18). It also rebuilds the list of mutations at every call, which is quadratic. Upstream: a `delete-insert`
 * that compares with the visible row, and originals that are kept, would remove this. Where TanStack no longer calls
 * `applyMutations`, its own merge is in place.
 */
export function mergeMutations(transaction: Transaction): void {
  const rows = new Map<string, MergedRow>()
  const { mutations } = transaction
  mergedTransactions.add(transaction)

  const apply = (given: PendingMutation): void => {
    const row = rows.get(given.globalKey) ?? { before: rowBefore(given), mutation: undefined, index: -1 }
    rows.set(given.globalKey, row)
    const had = row.mutation
    row.mutation = mergeMutation(row.before, had, given)
    if (row.mutation === undefined) {
      if (had !== undefined) remove(row)
    } else if (had === undefined) row.index = mutations.push(row.mutation) - 1
    else mutations[row.index] = row.mutation
  }

  const remove = (removed: MergedRow): void => {
    mutations.splice(removed.index, 1)
    for (const row of rows.values()) if (row.index > removed.index) row.index--
    removed.index = -1
  }

  Object.assign(transaction, {
    applyMutations: (given: readonly PendingMutation[]) => {
      given.forEach(apply)
      const merged = given.map(({ globalKey }) => rows.get(globalKey)?.mutation)
      lastMutations.set(transaction, merged.includes(undefined) ? undefined : (merged as PendingMutation[])) // none is
    },
  })
}

/** Tells whether a transaction is one of a database: its mutations are merged here. */
export function isMerged(transaction: Transaction): boolean {
  return mergedTransactions.has(transaction)
}

/**
 * Returns what the last mutations of a transaction were merged to; nothing where one of them left its row as it was
 * before the transaction.
 */
export function lastMerged(transaction: Transaction): readonly PendingMutation[] | undefined {
  return lastMutations.get(transaction)
}

function rowBefore({ type, original }: PendingMutation): Row | undefined {
  return type === 'insert' ? undefined : original
}

/** Returns the one mutation that `had` and `given` are together; nothing where the row is as it was before them. */
export function mergeMutation(
  before: Row | undefined,
  had: PendingMutation | undefined,
  given: PendingMutation,
): PendingMutation | undefined {
  const after: Row | undefined = given.type === 'delete' ? undefined : withoutNegativeZero(given.modified)
  const merged = {
    ...given,
    metadata: given.metadata ?? had?.metadata,
    syncMetadata: { ...had?.syncMetadata, ...given.syncMetadata },
  }
  if (before === undefined) {
    if (after === undefined) return undefined
    const changes = had?.type === 'insert' ? { ...had.changes, ...given.changes } : given.changes
    return { ...merged, type: 'insert', original: {}, modified: after, changes }
  }
  if (after === undefined)
    return { ...merged, type: 'delete', original: before, modified: before, changes: before }
  if (deepEquals(before, after)) return undefined
  return { ...merged, type: 'update', original: before, modified: after, changes: changesOf(before, after) }
}

function changesOf(before: Row, after: Row): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const field of Object.keys({ ...before, ...after })) {
    const value: unknown = Reflect.get(after, field)
    if (
      Object.hasOwn(before, field) !== Object.hasOwn(after, field) ||
      !deepEquals(Reflect.get(before, field), value)
    ) {
      changes[field] = value
    }
  }
  return changes
}
