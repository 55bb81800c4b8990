import { keyOf } from '@streamdb/state'
import type { ChangeEvent, Changes, StateDefinition } from '@streamdb/state'

/** What is known of the rows of one type. */
interface TypeKeys {
  readonly primaryKey: string
  /** The event key that put a row first. */
  readonly first: Map<string, string>
  /** Rows that several event keys have put. */
  readonly contested: Set<string>
}

/**
 * Knows which rows several entities have put, of types whose rows keep their own keys (`key: 'value'`): of those, order in
 * the log decides which one is shown (SPEC P7), also in a store, whose rows stand in the order of their first put.
 */
export class OwnKeys {
  readonly #byType = new Map<string, TypeKeys>()

  constructor(state: StateDefinition) {
    for (const { type, primaryKey, key } of Object.values(state))
      if (key === 'value') this.#byType.set(type, { primaryKey, first: new Map(), contested: new Set() })
  }

  /** Takes note of a row before it is folded, so that it is the last of the changes; tells whether another entity has put it too. */
  put(changes: Changes, { type, key }: ChangeEvent, row: object): boolean {
    ;(changes.snapshot ?? changes).rows.get(type)?.delete(key)
    const keys = this.#byType.get(type)
    const rowKey = keys && keyOf(row, keys.primaryKey)
    if (keys === undefined || rowKey === undefined) return false
    const first = keys.first.get(rowKey)
    if (first === undefined) keys.first.set(rowKey, key)
    else if (first !== key) keys.contested.add(rowKey)
    return keys.contested.has(rowKey)
  }

  /** The log follows from its beginning. */
  clear(): void {
    for (const { first, contested } of this.#byType.values()) {
      first.clear()
      contested.clear()
    }
  }
}
