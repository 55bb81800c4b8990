import type { OrderedType } from '../log-order.ts'
import type { AnySession } from './any-session.ts'

/** Returns rows in the order of the log, those that it does not have yet last. */
export function inLogOrder<Row extends { readonly id: string }>(
  session: AnySession,
  type: OrderedType,
  rows: Iterable<Row>,
): Row[] {
  const placed = Array.from(rows, (row) => ({ row, place: session.placeOf(type, row) }))
  placed.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place))
  return placed.map(({ row }) => row)
}
