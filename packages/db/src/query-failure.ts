import { StreamDBError } from '@streamdb/log'
import { sourcesOf } from './collections/source-databases.ts'
import type { QuerySource, SourceDatabase } from './collections/source-databases.ts'
import type { AnyCollection } from './collections/types.ts'
import { warnInDevelopment } from './development.ts'

/** Why a query has no rows: one of the databases that it reads says so. */
export type QueryFailure =
  /** The database failed, or was closed. */
  | { readonly name: 'failed'; readonly error: StreamDBError }
  /** The database failed before, and reads again; the collection is in error until it is loaded. */
  | { readonly name: 'retrying'; readonly error: StreamDBError | undefined; readonly db: SourceDatabase }

const closed = new WeakMap<SourceDatabase, StreamDBError>()

/**
 * Returns the error of a database because of which a live query is in error; `query` is an argument of TanStack's hooks, or a
 * live query's collection. `undefined` for an error of the query itself, or of other sources.
 */
export function failureOf(query: unknown): QueryFailure | undefined {
  const failures = sourcesOf(query).flatMap((source) => failureOfSource(source) ?? [])
  return failures.find(({ name }) => name === 'failed') ?? failures[0]
}

function failureOfSource({ collection, db }: QuerySource): QueryFailure | undefined {
  const { status } = db
  // What was loaded before the database was closed stays readable.
  if (status.name === 'closed' && collection.status !== 'ready') {
    return { name: 'failed', error: closedError(db, collection.id) }
  }
  if (collection.status !== 'error') return undefined
  switch (status.name) {
    case 'failed':
      return { name: 'failed', error: status.error }
    case 'reconnecting':
    case 'needs-auth':
      return { name: 'retrying', error: status.error, db }
    case 'offline':
    case 'connecting':
    case 'catching-up':
      return { name: 'retrying', error: undefined, db }
    case 'idle':
    case 'live':
    case 'ended':
    case 'closed':
      return undefined
  }
}

function closedError(db: SourceDatabase, id: string): StreamDBError {
  let error = closed.get(db)
  if (error === undefined) {
    const message = `Cannot read the collection ${id}: its database was closed before it was loaded; create a new one`
    closed.set(db, (error = new StreamDBError('closed', message)))
  }
  return error
}

/** Resolves when the status of a database has another name. */
export function statusChange({ status: { name }, subscribeStatus }: SourceDatabase): Promise<void> {
  return new Promise((resolve) => {
    const end = subscribeStatus((status) => {
      if (status.name === name) return
      end()
      resolve()
    })
  })
}

/**
 * Warns in development why live queries are in error when a database fails: what TanStack prints of it names the
 * collection alone.
 */
export function explainFailures(db: SourceDatabase): void {
  db.subscribeStatus((status) => {
    if (status.name !== 'failed') return
    const collections = Object.values(db.collections) as AnyCollection[] // of our databases
    const queried = collections.filter((each) => each.status === 'error' && each.subscriberCount > 0)
    if (queried.length === 0) return
    const ids = queried.map(({ id }) => id).join(', ')
    const { code, message } = status.error
    warnInDevelopment(
      `Live queries that read ${ids} are in error, as the database failed: ${message} (${code})`,
    )
  })
}
