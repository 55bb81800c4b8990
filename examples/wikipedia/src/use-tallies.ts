import { useEffect, useState } from 'react'
import type { FilteredChanges } from './filter.ts'
import { Tallies } from './tallies.ts'
import type { Ranking, Tally } from './tallies.ts'

/** What the page says of the changes that a filter shows, as of a second ago. */
export interface Figures {
  readonly top: Readonly<Record<Ranking, readonly Tally[]>>
  readonly wikis: readonly string[]
  readonly perSecond: readonly number[]
  /** How long ago the oldest of these changes was, in milliseconds. */
  readonly span: number
}

const none: Figures = { top: { page: [], user: [], wiki: [] }, wikis: [], perSecond: [], span: 0 }
/** So many are listed of each. */
const most = 8

/** Counts the changes of a query; renders once a second, however many come. */
export function useTallies(changes: FilteredChanges): Figures {
  const [figures, setFigures] = useState(none)
  useEffect(() => {
    const tallies = new Tallies()
    const subscription = changes.subscribeChanges(
      (batch) => {
        for (const { type, value } of batch) {
          if (type === 'insert') tallies.add(value)
          else if (type === 'delete') tallies.remove(value)
        }
      },
      { includeInitialState: true },
    )
    const read = () => {
      const now = Date.now()
      setFigures({
        top: {
          page: tallies.top('page', most),
          user: tallies.top('user', most),
          wiki: tallies.top('wiki', most),
        },
        wikis: tallies.names('wiki'),
        perSecond: tallies.perSecond(Math.floor(now / 1_000)),
        span: now - (changes.toArray.at(-1)?.at ?? now),
      })
    }
    read()
    const timer = setInterval(read, 1_000)
    return () => {
      clearInterval(timer)
      subscription.unsubscribe()
    }
  }, [changes])
  return figures
}
