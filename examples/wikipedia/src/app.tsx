import { useStreamDB } from '@streamdb/react'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { ChangeList } from './change-list.tsx'
import type { Database } from './database.ts'
import { createFiltered, everything, formatFilter, parseFilter } from './filter.ts'
import type { Filter } from './filter.ts'
import { FilterBar } from './filter-bar.tsx'
import { Header } from './header.tsx'
import { Rankings } from './rankings.tsx'
import { SourceBanner } from './source-banner.tsx'
import { StatusBar } from './status-bar.tsx'
import { useTallies } from './use-tallies.ts'

/** The whole page. The filter is in its address. */
export function App() {
  const { collections } = useStreamDB<Database>()
  const [filter, setFilter] = useState<Filter>(() => parseFilter(location.search))
  // Typed letters appear at once; the list follows when it can.
  const applied = useDeferredValue(filter)
  const changes = useMemo(() => createFiltered(collections, applied), [collections, applied])
  const figures = useTallies(changes)

  useEffect(() => {
    // Browsers limit how often an address may change.
    const timer = setTimeout(
      () => history.replaceState(undefined, '', formatFilter(filter) || location.pathname),
      300,
    )
    return () => clearTimeout(timer)
  }, [filter])

  const amend = (part: Partial<Filter>): void => setFilter((before) => ({ ...before, ...part }))

  return (
    <div className="page">
      <Header perSecond={figures.perSecond} />
      <FilterBar
        filter={filter}
        wikis={figures.wikis}
        onChange={amend}
        onClear={() => setFilter(everything)}
      />
      <main className="main" aria-label="Changes">
        <SourceBanner />
        <ChangeList key={formatFilter(applied)} changes={changes} filter={applied} onFilter={amend} />
      </main>
      <Rankings figures={figures} onFilter={amend} />
      <StatusBar />
    </div>
  )
}
