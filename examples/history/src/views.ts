import { count, createLiveQueryCollection, eq } from '@streamdb/react'
import type { Database } from './database.ts'

/** What the page draws: live queries over the database. */
export type Views = ReturnType<typeof createViews>
/** A commit with its author's name. */
export type CommitView = Views['commits']['toArray'][number]
/** An author and the number of their commits. */
export type AuthorView = Views['authors']['toArray'][number]

/** Kept while the page is open, whether it is drawn or not. */
const kept = { startSync: true, gcTime: 0 }

/** Creates the views, which starts to read the log. */
export function createViews({ commits, authors }: Omit<Database['collections'], 'files'>) {
  // An author's row changes with every commit of the author, the name hardly ever. A join with the row would join ten
  // thousand commits again for every new one; a join with the name joins the new one only.
  const names = createLiveQueryCollection({
    ...kept,
    query: (q) => q.from({ author: authors }).select(({ author }) => ({ id: author.id, name: author.name })),
    getKey: ({ id }) => id,
  })

  const joined = createLiveQueryCollection({
    ...kept,
    query: (q) =>
      q
        .from({ commit: commits })
        .innerJoin({ author: names }, ({ commit, author }) => eq(commit.authorId, author.id))
        .select((row) => ({
          id: row.commit.id,
          position: row.commit.position,
          subject: row.commit.subject,
          committedAt: row.commit.committedAt,
          filesChanged: row.commit.filesChanged,
          authorId: row.author.id,
          authorName: row.author.name,
        }))
        .orderBy(({ commit }) => commit.position, 'desc'),
    getKey: ({ id }) => id,
  })
  const { defaultIndexType: indexType } = commits.config
  if (indexType !== undefined) joined.createIndex(({ authorId }) => authorId, { indexType })

  const ranked = createLiveQueryCollection({
    ...kept,
    query: (q) => {
      const totals = q
        .from({ commit: commits })
        .groupBy(({ commit }) => commit.authorId)
        .select(({ commit }) => ({ authorId: commit.authorId, total: count(commit.id) }))
      return q
        .from({ totals })
        .innerJoin({ author: names }, ({ totals: total, author }) => eq(total.authorId, author.id))
        .select(({ totals: total, author }) => ({ id: author.id, name: author.name, commits: total.total }))
        .orderBy(({ totals: total }) => total.total, 'desc')
        .orderBy(({ author }) => author.name)
    },
    getKey: ({ id }) => id,
  })

  return {
    /** Every commit, newest first. */
    commits: joined,
    /** Every author, by the number of commits, counted from the commits. */
    authors: ranked,
  }
}

/** Creates the query of the files that are still as a commit left them. The rows of other files are not loaded for it. */
export function createFilesLeft(files: Database['collections']['files'], commitId: string) {
  return createLiveQueryCollection((q) =>
    q.from({ file: files }).where(({ file }) => eq(file.lastCommitId, commitId)),
  )
}
