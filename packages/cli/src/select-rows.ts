import type { EventFilter } from './event-filter.ts'
import type { Rows } from './read-rows.ts'

/** Returns the rows of some types and keys; types without any are left out. */
export function selectRows(all: Rows, { type, key }: EventFilter): Rows {
  const rows = new Map<string, ReadonlyMap<string, unknown>>()
  for (const [name, ofType] of all) {
    if (type !== undefined && !type.includes(name)) continue
    const chosen = key === undefined ? ofType : new Map([...ofType].filter(([each]) => key.includes(each)))
    if (chosen.size > 0) rows.set(name, chosen)
  }
  return rows
}
