import { eq, ilike, or, useLiveQuery } from '@streamdb/react'
import { useHistory } from './history-context.ts'
import type { Route } from './route.ts'
import type { CommitView } from './views.ts'

/** The part of the commits that is listed. */
export type Filter = Pick<Route, 'search' | 'authorId'>

/** The filter that excludes nothing. */
export const everything: Filter = { search: '', authorId: undefined }

/** Tells whether a filter excludes anything. */
export function isNarrow({ search, authorId }: Filter): boolean {
  return search.trim() !== '' || authorId !== undefined
}

/** Returns the commits that match a filter, newest first, live. */
export function useCommits(filter: Filter): readonly CommitView[] {
  const { commits } = useHistory().views
  const narrow = isNarrow(filter)

  const all = useLiveQuery(commits)
  const found = useLiveQuery({
    query: (q) => {
      if (!narrow) return undefined
      const { search, authorId } = filter
      let query = q.from({ commit: commits }).orderBy(({ commit }) => commit.position, 'desc')
      if (authorId !== undefined) query = query.where(({ commit }) => eq(commit.authorId, authorId))
      for (const word of search.split(/\s+/).filter((text) => text !== '')) {
        query = query.where(({ commit }) =>
          or(
            ilike(commit.subject, `%${word}%`),
            ilike(commit.authorName, `%${word}%`),
            ilike(commit.id, `${word}%`),
          ),
        )
      }
      return query
    },
  })
  return narrow ? (found.data ?? []) : all.data
}
