import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import { eventKeyOf } from './collections/event-keys.ts'
import { loadedRowsOf } from './collections/all-rows.ts'
import type { StreamDB } from './stream-db.ts'

/** A row as queries and collections hand it out. */
export interface OrderedRow {
  readonly $key: string | number
  readonly $collectionId: string
}

/** In which order the rows of a database were inserted. */
export interface InsertionOrder {
  /**
   * Returns the place of a row among all rows of the database: the smaller, the earlier it was inserted. An update leaves
   * a row at its place; one that was deleted and inserted again has a new place. Rows of writes that are not confirmed
   * come last: `Infinity`.
   */
  of(row: OrderedRow): number
  /** Stops keeping the order: rows that come later have no place. */
  stop(): void
}

/** How many deleted keys are remembered, as a delete inside a snapshot that never ends deletes nothing. */
const rememberedDeletes = 1000

/**
 * Keeps the order in which rows are inserted into the log, for queries to sort by. Rows themselves stay as they are.
 *
 * Call it before the database is read: of rows that are there already it knows the order of their keys only.
 *
 * @example
 * ```ts
 * const order = keepInsertionOrder(db)
 * const inOrder = createLiveQueryCollection((q) =>
 *   q
 *     .from({ message: db.collections.messages })
 *     .fn.select(({ message }) => ({ ...message, place: order.of(message) }))
 *     .orderBy(({ $selected }) => $selected.place),
 * )
 * ```
 */
export function keepInsertionOrder<Definitions extends StateDefinition>(
  db: Pick<StreamDB<Definitions>, 'state' | 'collections' | 'observe'>,
): InsertionOrder {
  // By collection id.
  const byCollection = new Map<string, { readonly collection: object; readonly kept: Map<string, number> }>()
  const byType = new Map<string, Places>()
  // A query takes a row out again by the very object that it put in, and computes its place once more: it is to be the same.
  const given = new WeakMap<OrderedRow, number>()
  let next = 0
  let first = 0
  for (const [name, { type }] of Object.entries(db.state)) {
    // Name by name the very shape of the definitions.
    const collection = Reflect.get(db.collections, name) as { readonly id: string; keys(): Iterable<unknown> }
    const kept = new Map<string, number>()
    byCollection.set(collection.id, { collection, kept })
    byType.set(type, { kept, deleted: new Set() })
    const keys = (loadedRowsOf(collection)?.allRows() ?? collection).keys()
    for (const key of keys) kept.set(eventKeyOf(collection, String(key)), next++)
  }
  const stop = db.observe({
    onOlderRows: (events) => {
      for (const { type, key } of [...events].reverse()) byType.get(type)?.kept.set(key, --first)
    },
    onEvent: ({ type, key, headers }: ChangeEvent) => {
      const found = byType.get(type)
      if (found === undefined) return
      if (headers.operation === 'delete') remember(found, key)
      else if (found.deleted.delete(key) || !found.kept.has(key)) found.kept.set(key, next++)
    },
  })
  return {
    of(row) {
      const known = given.get(row)
      if (known !== undefined) return known
      const found = byCollection.get(row.$collectionId)
      const place = found?.kept.get(eventKeyOf(found.collection, String(row.$key))) ?? Infinity
      given.set(row, place)
      return place
    },
    stop,
  }
}

interface Places {
  /** By event key. */
  readonly kept: Map<string, number>
  readonly deleted: Set<string>
}

function remember({ kept, deleted }: Places, key: string): void {
  if (!kept.has(key)) return
  deleted.add(key)
  if (deleted.size <= rememberedDeletes) return
  for (const oldest of deleted) {
    deleted.delete(oldest)
    kept.delete(oldest)
    return
  }
}
