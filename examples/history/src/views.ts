import { coalesce, count, createLiveQueryCollection, eq } from '@streamdb/react'
import type { Database } from './database.ts'

/** What the page draws: live queries over the database. */
export type Views = ReturnType<typeof createViews>
/** A commit with its author's name and the number of its files. */
export type CommitView = Views['commits']['toArray'][number]
/** An author and the number of their commits. */
export type AuthorView = Views['authors']['toArray'][number]

/** Kept while the page is open, whether it is drawn or not. */
const kept = { startSync: true, gcTime: 0 }

/** Creates the views, which starts to read the log. */
export function createViews({ commits, authors, files }: Database['collections']) {
  // An author's row changes with every commit of the author, the name hardly ever. A join with the row would join ten
  // thousand commits again for every new one; a join with the name joins the new one only.
  const names = createLiveQueryCollection({
    ...kept,
    query: (q) => q.from({ author: authors }).select(({ author }) => ({ id: author.id, name: author.name })),
    getKey: ({ id }) => id,
  })

  const joined = createLiveQueryCollection({
    ...kept,
    query: (q) => {
      const left = q
        .from({ file: files })
        .groupBy(({ file }) => file.lastCommitId)
        .select(({ file }) => ({ commitId: file.lastCommitId, files: count(file.path) }))
      return q
        .from({ commit: commits })
        .innerJoin({ author: names }, ({ commit, author }) => eq(commit.authorId, author.id))
        .leftJoin({ left }, (row) => eq(row.commit.id, row.left.commitId))
        .select((row) => ({
          id: row.commit.id,
          position: row.commit.position,
          subject: row.commit.subject,
          committedAt: row.commit.committedAt,
          filesChanged: row.commit.filesChanged,
          /** How many files are still as this commit left them. */
          filesLeft: coalesce(row.left?.files, 0),
          authorId: row.author.id,
          authorName: row.author.name,
        }))
        .orderBy(({ commit }) => commit.position, 'desc')
    },
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
