import { isDevelopment } from './development.ts'

/** What is noted of a TanStack DB collection: that of a live query, or another. */
export interface NotableCollection {
  readonly onFirstReady?: ((run: () => void) => unknown) | undefined
}

/** A live query that a component shows: for the inspector. */
export interface ShownQuery {
  /** Its TanStack DB collection. */
  readonly collection: object
  /** When it was shown first, in milliseconds since the epoch. */
  readonly since: number
  /** How long after that it was ready, in milliseconds; 0 for one that was. Absent until it is. */
  readonly readyAfter?: number | undefined
}

interface Times {
  readonly since: number
  readyAfter?: number
}

// Weakly, so that unused queries are garbage-collected.
const shown = new Set<WeakRef<object>>()
const times = new WeakMap<object, Times>()

/** Notes the collection of a query that a component shows; nothing in production. TanStack DB has no list of its queries. */
export function noteShownQuery(collection: NotableCollection | undefined): void {
  if (collection === undefined || times.has(collection) || !isDevelopment()) return
  // If the list is never read, references to collected queries are removed here.
  for (const each of shown) if (each.deref() === undefined) shown.delete(each)
  const noted: Times = { since: Date.now() }
  times.set(collection, noted)
  shown.add(new WeakRef(collection))
  collection.onFirstReady?.(() => {
    noted.readyAfter = Date.now() - noted.since
  })
}

/** Returns the queries that components have shown, in development: those that are not collected yet, oldest first. */
export function shownQueries(): readonly ShownQuery[] {
  const found: ShownQuery[] = []
  for (const each of shown) {
    const collection = each.deref()
    const noted = collection && times.get(collection)
    if (collection === undefined || noted === undefined) shown.delete(each)
    else found.push({ collection, ...noted })
  }
  return found
}
