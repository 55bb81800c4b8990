import { Store } from '@streamdb/example-shared/page'
import type { StateEvent } from '@streamdb/react'
import { openDatabase } from './database.ts'
import { describe } from './description.ts'
import type { Description } from './description.ts'
import { createViews } from './views.ts'

/** What the bar at the bottom tells. */
export interface Reading {
  readonly events: number
  readonly rows: number
  readonly offset: string | undefined
  /** Milliseconds from the start until everything was on the page; undefined until then. */
  readonly firstLoad: number | undefined
}

/** More new commits than this at once are an import, and no news. */
const news = 20
/** How long a new commit is shown as new, in milliseconds. */
const newsLast = 6_000

/** The history of a repository: its database, what is drawn from it, and what is known about the reading itself. */
export type History = ReturnType<typeof openHistory>

/** Opens the history that `first` describes, and starts reading it. */
export function openHistory(first: Description) {
  const started = performance.now()
  const reading = new Store<Reading>({ events: 0, rows: 0, offset: undefined, firstLoad: undefined })
  const arrived = new Store<ReadonlySet<string>>(new Set())
  const description = new Store(first)

  const db = openDatabase(new URL(first.stream, location.href).href, ({ items, offset, upToDate }) => {
    const { events, firstLoad } = reading.get()
    const { commits, authors, files } = db.collections
    reading.set({
      events: events + items.length,
      rows: commits.size + authors.size + files.size,
      offset,
      firstLoad: firstLoad ?? (upToDate ? performance.now() - started : undefined),
    })
    if (firstLoad === undefined) return
    announce(newCommits(items))
    // The branch may be another, and the number of commits is. When the server is gone, the database says so.
    describe().then(
      (now) => description.set(now),
      () => {},
    )
  })
  // Before the first row: a view that exists when the log is read is computed once, at its end.
  const views = createViews(db.collections)

  function announce(ids: readonly string[]): void {
    if (ids.length === 0 || ids.length > news) return
    arrived.set(new Set([...arrived.get(), ...ids]))
    setTimeout(() => arrived.set(new Set([...arrived.get()].filter((id) => !ids.includes(id)))), newsLast)
  }

  return { db, views, reading, arrived, description }
}

/** The ids of the commits in a batch; none when the batch tells the whole history anew. */
function newCommits(items: readonly StateEvent[]): string[] {
  if (items.some(({ headers }) => 'control' in headers)) return []
  return items.flatMap((event) => ('type' in event && event.type === 'commit' ? [event.key] : []))
}
