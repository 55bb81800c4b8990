import { createStateSchema } from '@streamdb/react'
import { z } from 'zod'

/** A text that `Date` can read, so that it can be formatted. */
const date = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'expected a date')

const commit = z.object({
  id: z.string(),
  authorId: z.string(),
  subject: z.string(),
  committedAt: date,
  filesChanged: z.number(),
  /** The paths of the files that it changed, at most 200 of them. */
  files: z.array(z.string()),
  /** Its place in the log, from 1. Dates are not unique: a rebase gives many commits the same second. */
  position: z.number(),
})

const author = z.object({
  id: z.string(),
  name: z.string(),
  commits: z.number(),
  lastCommitAt: date,
})

const file = z.object({
  path: z.string(),
  lastCommitId: z.string(),
  changes: z.number(),
})

/** The events of the log: three types, three collections. */
export const state = createStateSchema({
  commits: { schema: commit, type: 'commit', primaryKey: 'id' },
  authors: { schema: author, type: 'author', primaryKey: 'id' },
  files: { schema: file, type: 'file', primaryKey: 'path' },
})
