import { logRowsOf } from './collections/all-rows.ts'
import type { AnyCollection } from './collections/types.ts'

/**
 * Returns all rows that the log has of a collection, by key: those too that no live query has loaded
 * (`syncMode: 'on-demand'`), and without those of writes that are not confirmed. It is a view: it changes with the log.
 *
 * @example
 * ```ts
 * logRows(db.collections.messages).size
 * ```
 */
export function logRows<Rows extends object>(collection: { readonly base: Rows }): Rows {
  // Any collection: of its own rows.
  return logRowsOf(collection as unknown as AnyCollection) as unknown as Rows
}
