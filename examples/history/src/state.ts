import { createStateSchema } from '@streamdb/react'
import { z } from 'zod'

const commit = z.object({
  id: z.string(),
  authorId: z.string(),
  subject: z.string(),
  committedAt: z.string(),
  filesChanged: z.number(),
  /** The first commit's is 1. Dates are no order: a rebase gives many commits the same second. */
  position: z.number(),
})

const author = z.object({
  id: z.string(),
  name: z.string(),
  commits: z.number(),
  lastCommitAt: z.string(),
})

const file = z.object({
  path: z.string(),
  lastCommitId: z.string(),
  changes: z.number(),
})

/** What the events of the log mean: three types, three collections. */
export const state = createStateSchema({
  commits: { schema: commit, type: 'commit', primaryKey: 'id' },
  authors: { schema: author, type: 'author', primaryKey: 'id' },
  files: { schema: file, type: 'file', primaryKey: 'path' },
})
