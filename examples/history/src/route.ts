/** What the page's address says: the filter, and the open commit. */
export interface Route {
  readonly search: string
  readonly authorId: string | undefined
  /** An id, or the beginning of one. */
  readonly commitId: string | undefined
}

/** Reads the query of an address: `?search=gate&author=1a2b&commit=3c4d`. */
export function parseRoute(query: string): Route {
  const parameters = new URLSearchParams(query)
  const read = (name: string) => parameters.get(name)?.trim() || undefined
  return { search: parameters.get('search') ?? '', authorId: read('author'), commitId: read('commit') }
}

/** Returns the query of an address; `''` where it says nothing. */
export function formatRoute({ search, authorId, commitId }: Route): string {
  const parameters = new URLSearchParams()
  if (search.trim() !== '') parameters.set('search', search)
  if (authorId !== undefined) parameters.set('author', authorId)
  if (commitId !== undefined) parameters.set('commit', commitId)
  return parameters.size === 0 ? '' : `?${parameters}`
}
