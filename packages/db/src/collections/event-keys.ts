import { keyOf } from '@streamdb/state'
import type { Changes } from '@streamdb/state'
import type { WritableCollection } from './apply.ts'

/** The event keys of a collection whose rows keep their own primary keys (`key: 'value'`). */
interface EventKeys {
  readonly primaryKey: string
  /** The row that each event key of the log put. */
  readonly rowKeys: Map<string, string>
  /** The event key that put each row, the last one where several did. */
  readonly eventKeys: Map<string, string>
}

const byCollection = new WeakMap<object, EventKeys>()

/** Makes a collection's rows keep their own keys: those of events are translated from now on. */
export function trackEventKeys(collection: object, primaryKey: string): void {
  byCollection.set(collection, { primaryKey, rowKeys: new Map(), eventKeys: new Map() })
}

/** Returns the key that a row's events have in the log. */
export function eventKeyOf(collection: object, rowKey: string): string {
  return byCollection.get(collection)?.eventKeys.get(rowKey) ?? rowKey
}

/**
 * Returns changes by the keys of rows, of changes by the keys of events, which is how a log is folded.
 *
 * Called once for changes, just before they are applied: it keeps which event key put which row. Nothing is copied where
 * no collection keeps its own keys.
 */
export function toRowKeys(changes: Changes, collections: ReadonlyMap<string, WritableCollection>): Changes {
  let rows: Changes['rows'] | undefined
  for (const [type, { collection }] of collections) {
    const keys = byCollection.get(collection)
    if (keys === undefined) continue
    if (changes.replaces) {
      keys.rowKeys.clear()
      keys.eventKeys.clear()
    }
    const touched = changes.rows.get(type)
    if (touched === undefined) continue
    rows ??= new Map(changes.rows)
    rows.set(type, translate(touched, keys))
  }
  return rows === undefined ? changes : { ...changes, rows }
}

function translate(
  touched: ReadonlyMap<string, unknown>,
  { primaryKey, rowKeys, eventKeys }: EventKeys,
): Map<string, unknown> {
  const rows = new Map<string, unknown>()
  for (const [eventKey, row] of touched) {
    const before = rowKeys.get(eventKey)
    const after = row === undefined ? undefined : keyOf(row, primaryKey)
    // The entity is deleted, or has become another row; unless another entity has put that row since.
    if (before !== undefined && before !== after && eventKeys.get(before) === eventKey) {
      eventKeys.delete(before)
      rows.set(before, undefined)
    }
    if (after === undefined) {
      rowKeys.delete(eventKey)
    } else {
      rowKeys.set(eventKey, after)
      eventKeys.set(after, eventKey)
      rows.set(after, row)
    }
  }
  return rows
}
