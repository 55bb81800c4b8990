import type { Effect } from '../model/event-block.ts'

/** What is chosen by a press beside the search box. */
export interface FilterChips {
  readonly types: ReadonlySet<string>
  readonly effects: ReadonlySet<Effect>
}

export const noFilterChips: FilterChips = { types: new Set(), effects: new Set() }

/** Returns a set with a value in it that was not, or without one that was. */
export function toggled<Value>(set: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}
