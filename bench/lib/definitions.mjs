import { z } from 'zod'

const row = () =>
  z.object({ id: z.string(), owner: z.string(), status: z.string(), text: z.string(), rank: z.number() })

// A schema that takes all and looks at nothing: what validation costs is what is left when it is used.
const unchecked = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } }

const history = {
  commits: {
    type: 'commit',
    primaryKey: 'id',
    schema: z.object({
      id: z.string(),
      authorId: z.string(),
      subject: z.string(),
      committedAt: z.string(),
      filesChanged: z.number(),
    }),
  },
  authors: {
    type: 'author',
    primaryKey: 'id',
    schema: z.object({ id: z.string(), commits: z.number(), lastCommitAt: z.string() }),
  },
  files: {
    type: 'file',
    primaryKey: 'path',
    schema: z.object({ path: z.string(), lastCommitId: z.string(), changes: z.number() }),
  },
}

/** The collections of a log, by name; `validated: false` for schemas that check nothing. */
export function definitionsOf(kind, validated = true) {
  if (kind === 'history') return history
  const types =
    kind === 'mixed' ? ['item', 'task', 'note', 'user'] : kind === 'joined' ? ['item', 'author'] : ['item']
  return Object.fromEntries(
    types.map((type) => [`${type}s`, { type, primaryKey: 'id', schema: validated ? row() : unchecked }]),
  )
}
