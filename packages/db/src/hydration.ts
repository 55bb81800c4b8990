import type { ChangeEvent, CollectionDefinition, StateDefinition } from '@streamdb/state'
import { StreamDBError } from '@streamdb/log'
import { start } from '@streamdb/log'
import { assertRoundTrips, toLogRow, toJson } from './writes/wire-format.ts'

/** What a stream held at an offset, as plain JSON: what `dehydrate` returns, and the option `hydrate` takes. */
export interface DehydratedStream {
  readonly offset: string
  /** An event for every row. */
  readonly items: readonly ChangeEvent[]
}

/** What can be dehydrated: every database. */
export interface DehydrationSource {
  readonly state: StateDefinition
  readonly collections: object
  readonly offset: string
  readonly pendingWrites: readonly unknown[]
  readonly insideSnapshot: boolean
}

/**
 * Returns the rows that a database shows and their offset, for the option `hydrate` of another one: a server's, for the
 * page in the browser.
 *
 * Throws `invalid-options` while writes or the first load are under way, or a snapshot is read in part, and for a row that would come back as another one: JSON cannot hold it, or its schema does not
 * take what it returned.
 *
 * @example
 * ```ts
 * const db = createStreamDB({ ...options, live: false })
 * await db.preload()
 * const stream = dehydrate(db)
 * ```
 */
export function dehydrate(source: DehydrationSource): DehydratedStream {
  const { state, collections, offset } = source
  if (source.insideSnapshot) refuse('a snapshot is read in part')
  if (source.pendingWrites.length > 0) refuse('writes are under way')
  const items = Object.entries(state).flatMap(([name, definition]) => {
    const rows = Reflect.get(collections, name) as ReadonlyMap<string, object> // a collection reads like a Map
    return Array.from(rows.entries(), ([key, row]) => eventOf(key, toLogRow(row), definition))
  })
  // Rows that were looked at before the first load was shown.
  if (items.length > 0 && offset === start) refuse('the first load is under way')
  return { offset, items }
}

function refuse(what: string): never {
  throw new StreamDBError('invalid-options', `Cannot dehydrate: ${what}; wait for its end`)
}

function eventOf(key: string, row: object, definition: CollectionDefinition): ChangeEvent {
  const { type } = definition
  const value = toJson(row, { type, key }, 'invalid-options')
  const event: ChangeEvent = { type, key, value, headers: { operation: 'upsert' } }
  assertRoundTrips(event, definition, row, 'invalid-options')
  return event
}
