import type { StateDefinition } from '@streamdb/state'
import type { Rows } from './row-types.ts'
import type { RowSource } from './stored-row.ts'

/** Returns rows as a rule sees them: to be read, by the types of the state. */
export function rowsView<State extends StateDefinition>(source: RowSource): Rows<State> {
  const view: Rows = {
    // The log was read with the state's schemas, which return these rows.
    get: (type, key) => source.get(type, key)?.value as never,
    headers: (type, key) => source.get(type, key)?.headers,
    *entries(type) {
      for (const [key, { value }] of source.entries(type)) yield [key, value as never] // as above
    },
  }
  return view as unknown as Rows<State> // as above
}
