import type { Transaction } from '@tanstack/db'

/**
 * Completes a pending transaction in one step: its overlay goes, and its promise resolves.
 *
 * TanStack's own `commit()` persists for a moment, and a batch that came in that moment would be held back in the
 * collections of the transaction and applied to all others (DESIGN C1, fact 4; contract/settle.test.ts). Upstream:
 * there is no call for "the log has confirmed this transaction"; the RFC TanStack/db#1625 would bring one.
 * `isPersisted` is deprecated for those who wait, and there is no other way for whoever settles. Where one of the three
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
