import { keyOf } from '@streamdb/state'
import type { Changes } from '@streamdb/state'
import { logRowsOf } from './all-rows.ts'
import type { WritableCollection } from './apply.ts'
import { stripVirtualFields } from './virtual-fields.ts'

/** The event keys of a collection whose rows keep their own primary keys (`key: 'value'`). */
interface EventKeys {
  readonly primaryKey: string
  /** The row that each event key of the log put. */
  readonly rowKeys: Map<string, string>
  /** The event key that put each row, the last one where several did. */
  readonly eventKeys: Map<string, string>
  /** What others have put as the same row before, by event key, from the oldest to the newest (SPEC P7). Few rows have any. */
  readonly covered: Map<string, Map<string, object>>
}

/** Whether changes follow what is known, or lie before all of it: rows that were left out at first. */
export type ChangeOrder = 'newer' | 'older'

const byCollection = new WeakMap<object, EventKeys>()

/** Makes a collection's rows keep their own keys: those of events are translated from now on. */
export function trackEventKeys(collection: object, primaryKey: string): void {
  byCollection.set(collection, { primaryKey, rowKeys: new Map(), eventKeys: new Map(), covered: new Map() })
}

/** Returns the key that a row's events have in the log. */
export function eventKeyOf(collection: object, rowKey: string): string {
  return byCollection.get(collection)?.eventKeys.get(rowKey) ?? rowKey
}

/** Returns entities, by event key, of whose rows another entity has put the same one since. */
export function coveredRowsOf(collection: object): readonly (readonly [string, object])[] {
  const covered = byCollection.get(collection)?.covered.values() ?? []
  return [...covered].flatMap((rows) => [...rows])
}

/**
 * Returns changes by the keys of rows, of changes by the keys of events, which is how a log is folded: the last put of each
 * collection last.
 *
 * Called once for changes, just before they are applied: it keeps which event key put which row. Nothing is copied where
 * no collection keeps its own keys.
 */
export function toRowKeys(
  changes: Changes,
  collections: ReadonlyMap<string, Pick<WritableCollection, 'collection'>>,
  order: ChangeOrder = 'newer',
): Changes {
  let rows: Changes['rows'] | undefined
  for (const [type, { collection }] of collections) {
    const keys = byCollection.get(collection)
    if (keys === undefined) continue
    if (changes.replaces) {
      keys.rowKeys.clear()
      keys.eventKeys.clear()
      keys.covered.clear()
    }
    const touched = changes.rows.get(type)
    if (touched === undefined) continue
    const current = (rowKey: string): unknown => stripVirtualFields(logRowsOf(collection).get(rowKey))
    const translation = new Translation(keys, current)
    if (order === 'newer') for (const [eventKey, row] of touched) translation.put(eventKey, row)
    // The last of them lies behind the others.
    else for (const [eventKey, row] of [...touched].reverse()) translation.putBefore(eventKey, row)
    rows ??= new Map(changes.rows)
    rows.set(type, translation.rows)
  }
  return rows === undefined ? changes : { ...changes, rows }
}

/** Changes of one collection on their way to the keys of its rows. */
class Translation {
  readonly rows = new Map<string, unknown>()
  readonly #keys: EventKeys
  /** The row that a key has before these changes. */
  readonly #current: (rowKey: string) => unknown

  constructor(keys: EventKeys, current: (rowKey: string) => unknown) {
    this.#keys = keys
    this.#current = current
  }

  /** The log puts an entity, or deletes it. */
  put(eventKey: string, row: unknown): void {
    const { rowKeys, eventKeys, primaryKey } = this.#keys
    const before = rowKeys.get(eventKey)
    const after = row === undefined ? undefined : keyOf(row, primaryKey)
    if (before !== undefined && before !== after) this.#leave(before, eventKey)
    if (after === undefined) {
      rowKeys.delete(eventKey)
      return
    }
    const owner = eventKeys.get(after)
    if (owner !== undefined && owner !== eventKey) this.#cover(after, owner, eventKey)
    rowKeys.set(eventKey, after)
    eventKeys.set(after, eventKey)
    this.rows.set(after, row)
  }

  /** The log has put an entity before everything that is known: what was put since stays. */
  putBefore(eventKey: string, row: unknown): void {
    const { rowKeys, eventKeys, covered, primaryKey } = this.#keys
    const after = keyOf(row, primaryKey)
    if (after === undefined || rowKeys.has(eventKey)) return
    if (!eventKeys.has(after)) return this.put(eventKey, row)
    rowKeys.set(eventKey, after)
    covered.set(after, new Map([[eventKey, row as object], ...(covered.get(after) ?? [])])) // it has a key
  }

  /** Keeps the row that `owner` has put: `eventKey` puts another one in its place. */
  #cover(rowKey: string, owner: string, eventKey: string): void {
    const { covered } = this.#keys
    const rows = covered.get(rowKey) ?? new Map<string, object>()
    rows.delete(eventKey)
    rows.set(owner, (this.rows.get(rowKey) ?? this.#current(rowKey)) as object) // an owner's row is there
    covered.set(rowKey, rows)
  }

  /** An entity is deleted, or becomes another row: the one that was put before it is shown again. */
  #leave(rowKey: string, eventKey: string): void {
    const { eventKeys, covered } = this.#keys
    const rows = covered.get(rowKey)
    if (eventKeys.get(rowKey) === eventKey) {
      const last = rows === undefined ? undefined : [...rows].at(-1)
      if (last === undefined) eventKeys.delete(rowKey)
      else {
        eventKeys.set(rowKey, last[0])
        rows?.delete(last[0])
      }
      this.rows.set(rowKey, last?.[1])
    } else rows?.delete(eventKey)
    if (rows?.size === 0) covered.delete(rowKey)
  }
}
