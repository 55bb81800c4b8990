import { Store } from '@streamdb/example-shared/page'
import { logRows } from '@streamdb/react'
import type { StateEvent } from '@streamdb/react'
import { openDatabase } from './database.ts'
import { describe } from './description.ts'
import type { Description } from './description.ts'
import { createViews } from './views.ts'

/** Figures about reading the log. */
export interface Reading {
  readonly events: number
  readonly rows: number
  readonly offset: string | undefined
  /** Milliseconds from the start until everything was on the page; undefined until then. */
  readonly firstLoad: number | undefined
}

/** More new commits at once are an import, and not highlighted. */
const maxHighlighted = 20
/** How long a new commit is highlighted, in milliseconds. */
const highlightDuration = 6_000

/** The history of a repository: its database, the views drawn from it, and figures about reading it. */
export type History = ReturnType<typeof openHistory>

/** Opens the history that `first` describes, and starts to read it. */
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
      rows: commits.size + authors.size + logRows(files).size,
      offset,
      firstLoad: firstLoad ?? (upToDate ? performance.now() - started : undefined),
    })
    if (firstLoad === undefined) return
    highlight(newCommits(items))
    // The number of commits has changed, and the branch may have. The database's status shows when the server is gone.
    describe().then(
      (now) => description.set(now),
      () => {},
    )
  })
  // Created before the first row: the views are then computed once, at the end of the first load.
  const views = createViews(db.collections)

  function highlight(ids: readonly string[]): void {
    if (ids.length === 0 || ids.length > maxHighlighted) return
    arrived.set(new Set([...arrived.get(), ...ids]))
    setTimeout(
      () => arrived.set(new Set([...arrived.get()].filter((id) => !ids.includes(id)))),
      highlightDuration,
    )
  }

  return { db, views, reading, arrived, description }
}

/** Returns the ids of the commits in a batch; none when the batch replaces the whole history. */
function newCommits(items: readonly StateEvent[]): string[] {
  if (items.some(({ headers }) => 'control' in headers)) return []
  return items.flatMap((event) => ('type' in event && event.type === 'commit' ? [event.key] : []))
}
