import { isChangeEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'

/** Which events are asked for. */
export interface EventFilter {
  readonly type?: readonly string[] | undefined
  readonly key?: readonly string[] | undefined
}

/** Returns a function that tells whether a row is asked for. */
export function createRowFilter({
  type,
  key,
}: EventFilter): (row: { readonly type: string; readonly key: string }) => boolean {
  return (row) =>
    (type === undefined || type.includes(row.type)) && (key === undefined || key.includes(row.key))
}

/** Returns a function that tells whether an event is asked for. Controls have neither type nor key. */
export function createEventFilter(filter: EventFilter): (event: StateEvent) => boolean {
  if (filter.type === undefined && filter.key === undefined) return () => true
  const matches = createRowFilter(filter)
  return (event) => isChangeEvent(event) && matches(event)
}
