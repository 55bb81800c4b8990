import { StateIssue, validateRow } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition, StateDefinition } from '@streamdb/state'
import { deepEquals } from '@tanstack/db'
import { StreamDBError } from './errors.ts'
import { start } from './offsets.ts'
import { loggedRow } from './wire.ts'

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
    return Array.from(rows.entries(), ([key, row]) => eventOf(key, loggedRow(row), definition))
  })
  // Rows that were looked at before the first load was shown.
  if (items.length > 0 && offset === start) refuse('the first load is under way')
  return { offset, items }
}

function refuse(what: string): never {
  throw new StreamDBError('invalid-options', `Cannot dehydrate: ${what}; wait until that has ended`)
}

function eventOf(key: string, row: object, definition: CollectionDefinition): ChangeEvent {
  const { type } = definition
  let why = 'it would come back as another row'
  try {
    const value: unknown = JSON.parse(JSON.stringify(row))
    const event: ChangeEvent = { type, key, value, headers: { operation: 'upsert' } }
    const again = validateRow(event, definition)
    if (again instanceof StateIssue) why = again.message
    else if (deepEquals(loggedRow(again), row)) return event
  } catch (error) {
    why = String(error)
  }
  throw new StreamDBError(
    'invalid-options',
    `The row ${JSON.stringify(key)} of type "${type}" cannot be dehydrated: ${why}. ` +
      `Its schema must take the JSON form of what it returns, and return the same again`,
  )
}
