import { liveQueryCollectionOptions, Query } from '@tanstack/db'
import type { Context, InitialQueryBuilder, QueryBuilder } from '@tanstack/db'
import type { Status } from '../sync/status.ts'
import type { AnyCollection } from './types.ts'

/** The parts of a database that its collections lead to. */
export interface SourceDatabase {
  readonly collections: object
  readonly status: Status
  readonly subscribeStatus: (listener: (status: Status) => void) => () => void
}

/** A collection of ours that a query reads, and the database that it belongs to. */
export interface QuerySource {
  readonly collection: Pick<AnyCollection, 'id' | 'status'>
  readonly db: SourceDatabase
}

/** The database of each of our collections. */
const databases = new WeakMap<object, SourceDatabase>()

/** Makes a database findable by its collections. */
export function registerDatabase(db: SourceDatabase): void {
  for (const collection of Object.values(db.collections) as object[]) databases.set(collection, db)
}

/**
 * Returns the collections of our databases that a query reads, directly or by other live queries: of a query function, a
 * builder, a configuration or a collection. A query function is called. What is no query has no sources.
 *
 * TanStack has no public way from a live query to its sources, and its collections do not keep their error
 * (https://github.com/TanStack/db/issues/671): errors of live queries do not lead to the database. The sources are
 * found by the builder that a live query's options hold under a symbol; where a version of TanStack has none, nothing
 * is found, and errors of live queries are TanStack's own. Pinned by test/contract/source-databases.test.ts.
 */
export function sourcesOf(query: unknown): QuerySource[] {
  const found = new Map<object, QuerySource>()
  const queue = [query]
  // Grows while it is read; a collection is looked into once.
  for (const each of queue) {
    const collection = isCollection(each) ? each : undefined
    const db = collection && databases.get(collection)
    if (collection && db) found.set(collection, { collection, db })
    else queue.push(...readBy(each).filter((source) => !queue.includes(source)))
  }
  return [...found.values()]
}

type QueryFunction = (q: InitialQueryBuilder) => unknown
// What a query function returns is of the same class as what it is given.
type Builder = QueryBuilder<Context>

/** Returns what a query reads directly. */
function readBy(query: unknown): readonly unknown[] {
  if (isCollection(query)) return sourcesIn(query.config.utils)
  try {
    if (typeof query === 'function') return [(query as QueryFunction)(new Query())] // as TanStack calls it
    if (query instanceof Query) {
      return sourcesIn(liveQueryCollectionOptions({ query: query as unknown as Builder }).utils)
    }
    return typeof query === 'object' && query !== null && 'query' in query ? [query.query] : []
  } catch {
    // A mistake in the query: running the query reports it.
    return []
  }
}

interface LiveQueryUtils {
  getBuilder?(): { getSourceCollections?(): readonly unknown[] }
}

/** Returns the source collections that the utilities of a live query know, as TanStack finds them itself. */
function sourcesIn(utils: object | undefined): readonly unknown[] {
  for (const symbol of Object.getOwnPropertySymbols(utils ?? {})) {
    const internal = Reflect.get(utils ?? {}, symbol) as LiveQueryUtils | undefined // checked as it is used
    const sources = internal?.getBuilder?.().getSourceCollections?.()
    if (sources !== undefined) return sources
  }
  return []
}

function isCollection(value: unknown): value is AnyCollection {
  return typeof value === 'object' && value !== null && 'subscribeChanges' in value && 'config' in value
}
