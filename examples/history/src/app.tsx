import { useDeferredValue } from 'react'
import { AuthorFilter } from './author-filter.tsx'
import { CommitPane } from './commit-pane.tsx'
import { Header } from './header.tsx'
import { StatusBar } from './status-bar.tsx'
import { amend, navigate, useRoute } from './use-route.ts'

/** The whole page. */
export function App() {
  const route = useRoute()
  // Typed letters appear at once; the list follows when it can.
  const applied = useDeferredValue(route)

  return (
    <div className="page">
      <Header search={route.search} onSearch={(search) => amend({ search, commitId: undefined })} />
      <AuthorFilter
        chosen={route.authorId}
        onChoose={(authorId) => navigate({ authorId, commitId: undefined })}
      />
      <CommitPane route={applied} />
      <StatusBar />
    </div>
  )
}
