import type { Changes } from '@streamdb/state'

/** Tells whether changes change nothing: no row, nothing voided, and no transaction to confirm. */
export function isEmpty({ rows, replaces, txids }: Changes): boolean {
  return rows.size === 0 && !replaces && txids.size === 0
}
