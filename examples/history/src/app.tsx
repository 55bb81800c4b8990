import { useDeferredValue, useState } from 'react'
import { AuthorFilter } from './author-filter.tsx'
import { CommitPane } from './commit-pane.tsx'
import { Header } from './header.tsx'
import { StatusBar } from './status-bar.tsx'
import { everything } from './use-commits.ts'
import type { Filter } from './use-commits.ts'

/** The whole page. */
export function App() {
  const [filter, setFilter] = useState<Filter>(everything)
  // Typing goes before finding: the letters appear at once, however many commits there are.
  const applied = useDeferredValue(filter)
  const narrow = (change: Partial<Filter>) => setFilter((now) => ({ ...now, ...change }))

  return (
    <div className="page">
      <Header search={filter.search} onSearch={(search) => narrow({ search })} />
      <AuthorFilter chosen={filter.authorId} onChoose={(authorId) => narrow({ authorId })} />
      <CommitPane filter={applied} onClear={() => setFilter(everything)} />
      <StatusBar />
    </div>
  )
}
