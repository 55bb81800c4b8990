import type { AnyCollection, SubscribeOptions, Subscription } from '../types.ts'
import { readField } from './fields.ts'
import type { LoadedRows } from './loaded-rows.ts'
import { fieldOf } from './predicate.ts'
import type { OrderBy } from './row-order.ts'

/**
 * Lets an ordered and limited live query ask for the rows before its end, in place of every row, where TanStack cannot
 * say where that end is: its cursors know numbers, dates and texts in the order of their code units, and the default
 * order of texts is by locale.
 *
 * After its first page TanStack's loader looks up the last row, to ask from there on; where it has no expression for the
 * value there, it asks for the whole source. Without a row there it asks for as many as are missing, from the beginning;
 * these are added to those that it has. What is loaded here is always a whole prefix of the order, with all rows
 * that are equal to its last by the first field, so no later request is needed for those. This is right while no other query
 * has rows of the collection loaded; where another one has, all rows of the query are loaded.
 *
 * Contract: contract/on-demand.test.ts. Upstream: cursors for other collations would remove this file. Where the loader
 * calls these methods no longer, it asks for every row.
 */
export function requestOrderedPrefixes(
  collection: AnyCollection,
  subscription: Subscription,
  { whereExpression: where }: SubscribeOptions,
  loadedRows: LoadedRows,
): void {
  const read = subscription.readOrderedSnapshot.bind(subscription)
  const requestLimited = subscription.requestLimitedSnapshot.bind(subscription)
  subscription.readOrderedSnapshot = (options) => {
    const rows = read(options)
    const last = rows.at(-1)?.value
    if (last !== undefined && canBeCursor(last, options.orderBy)) return rows
    // What others have loaded is not sent again for a wider window: then TanStack asks for every row.
    return loadedRows.withoutBoundary(subscription) || last === undefined ? [] : rows
  }
  subscription.requestLimitedSnapshot = (window) => {
    // A query that nobody listens to yet asks for nothing: what it would be given now would leave again.
    const isWaiting = (subscription as Partial<Subscription>).isDeferringAcquisition?.() === true
    if (window.minValues !== undefined || isWaiting) return requestLimited(window)
    const count = loadedRows.windowSize(subscription)
    // TanStack says how many rows of the window are missing, and not how many before it: a window that has moved far has
    // its rows after a few requests, each of which asks for a share more.
    const limit = count + Math.max(window.limit, count >> 2) + collection._optimisticOverlaySize()
    const demand = { orderBy: window.orderBy, limit, subscription, ...(where && { where }) }
    void loadedRows.load(demand)
    // What other queries have loaded already is sent from here: all of it that is in the window, not only what is missing.
    requestLimited({ ...window, limit: Math.max(window.limit, loadedRows.windowSize(subscription)) })
    loadedRows.unload(demand)
  }
}

/** Tells whether TanStack's cursors can say where a row is: its `canExpressCursorOrder`. */
function canBeCursor(row: object, orderBy: OrderBy | undefined): boolean {
  const [first] = orderBy ?? []
  const path = first && fieldOf(first.expression)
  if (path === undefined) return true
  const value = readField(row, path)
  switch (typeof value) {
    case 'string':
      return first?.compareOptions.stringSort === 'lexical'
    case 'number':
      return Number.isFinite(value)
    case 'bigint':
    case 'boolean':
      return true
    case 'object':
      return value instanceof Date && Number.isFinite(value.getTime())
    case 'undefined':
    case 'symbol':
    case 'function':
      return false
  }
}
