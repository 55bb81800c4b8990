import { eq, ilike, or, useLiveQuery } from '@streamdb/react'
import { useHistory } from './history-context.ts'
import type { CommitView } from './views.ts'

/** What the list is narrowed to. */
export interface Filter {
  readonly search: string
  readonly authorId: string | undefined
}

/** Narrows to nothing. */
export const everything: Filter = { search: '', authorId: undefined }

/** Tells whether `filter` leaves anything out. */
export function isNarrow({ search, authorId }: Filter): boolean {
  return search.trim() !== '' || authorId !== undefined
}

/** Returns the commits that `filter` lets through, newest first, and keeps them so as commits come and go. */
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
