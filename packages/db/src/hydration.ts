import { start, StreamDBError } from '@streamdb/log'
import type { Batch, Checkpoint } from '@streamdb/log'
import { withVersion } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition, StateDefinition } from '@streamdb/state'
import { coveredRowsOf, eventKeyOf } from './collections/event-keys.ts'
import { logRowsOf } from './collections/all-rows.ts'
import type { LogRows } from './collections/all-rows.ts'
import { assertRoundTrips, toLogRow, toJson, toStoredForm } from './writes/wire-format.ts'

/** What a stream held at an offset, as plain JSON: what `dehydrate` returns, and the option `hydrate` takes. */
export interface DehydratedStream {
  /** Where reading goes on. */
  readonly offset: string
  /** The stream that the offset is of, where the server says which. */
  readonly streamId?: string | undefined
  /** The event types whose rows are in `items`; a database that has others reads the log from its beginning. */
  readonly types?: readonly string[] | undefined
  /** An event for every row. */
  readonly items: readonly ChangeEvent[]
}

/** What can be dehydrated: every database. */
export interface DehydrationSource {
  readonly state: StateDefinition
  readonly version?: number | undefined
  readonly collections: object
  readonly offset: string
  readonly checkpoint: Checkpoint
  readonly insideSnapshot: boolean
}

/** The parts of a collection that are read. */
interface ReadableCollection {
  readonly status: string
  /** The rows of the log, without those of pending writes. */
  readonly base: LogRows
}

/**
 * Returns the rows that a database has of the log and where they end, for the option `hydrate` of another one: a
 * server's, for the page in the browser. Rows of writes under way are left out: the log brings them.
 *
 * Throws `invalid-options` while the first load is under way or a snapshot is read in part, where a collection was
 * cleaned up, and for a row that would come back as another one: JSON cannot hold it, or its schema does not take what
 * it returned.
 *
 * @example
 * ```ts
 * const db = createStreamDB({ ...options, live: false })
 * await db.preload({ timeout: 2_000 })
 * const stream = dehydrate(db)
 * ```
 */
export function dehydrate(source: DehydrationSource): DehydratedStream {
  const { state, version = 1, collections, offset, insideSnapshot } = source
  if (insideSnapshot) refuse('a snapshot is read in part; wait for its end')
  const items = Object.entries(state).flatMap(([name, definition]) => {
    const collection = Reflect.get(collections, name) as ReadableCollection // a collection of a database
    if (collection.status === 'cleaned-up') refuse(`the collection "${name}" was cleaned up; read it first`)
    const rows = Array.from(
      logRowsOf(collection).entries(),
      ([key, row]) => [eventKeyOf(collection, key), toLogRow(row)] as const,
    )
    // The last one of a primary key comes last (SPEC P7).
    return [...coveredRowsOf(collection), ...rows].map(([key, row]) =>
      eventOf(row, { key, definition, version }),
    )
  })
  // Rows that were read before the first load was applied.
  if (items.length > 0 && offset === start) refuse('the first load is under way; wait for its end')
  const types = Object.values(state).map(({ type }) => type)
  // Not where the rows end, which may lie inside a snapshot: what is read again changes nothing.
  const { offset: from, streamId } = source.checkpoint
  return { offset: from, ...(streamId !== undefined && { streamId }), types, items }
}

/** Returns dehydrated rows as the batch that brings them. */
export function hydratedBatch({ items, offset, streamId }: DehydratedStream): Batch {
  const end = { complete: true, upToDate: true, closed: false, bytes: 0 }
  return { items, first: 0, from: start, offset, streamId, ...end }
}

/** Returns where reading continues after hydration: at the log's beginning if rows of a defined type were left out. */
export function hydrationCheckpoint(
  { offset, streamId, types }: DehydratedStream,
  state: StateDefinition,
): Checkpoint | undefined {
  const isWhole = types === undefined || Object.values(state).every(({ type }) => types.includes(type))
  return isWhole ? { offset, streamId } : undefined
}

function refuse(what: string): never {
  throw new StreamDBError('invalid-options', `Cannot dehydrate: ${what}`)
}

interface RowOrigin {
  readonly key: string
  readonly definition: CollectionDefinition
  readonly version: number
}

function eventOf(row: object, { key, definition, version }: RowOrigin): ChangeEvent {
  const { type } = definition
  const value = toJson(toStoredForm(row, definition), { type, key }, 'invalid-options')
  const event: ChangeEvent = { type, key, value, headers: withVersion({ operation: 'upsert' }, version) }
  assertRoundTrips(event, definition, row, 'invalid-options')
  return event
}
