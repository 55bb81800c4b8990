import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { canonical, sharedData } from '@streamdb/testkit'
import { plain, roomServer } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, createStreamDB, eq } from '../src/index.ts'
import type { StreamDB } from '../src/index.ts'

const log = sharedData('git-history.ndjson')
const expectation = sharedData('git-history.expected.json')

const history = createStateSchema({
  commits: {
    schema: z.strictObject({
      id: z.string(),
      authorId: z.string(),
      subject: z.string(),
      committedAt: z.string(),
      filesChanged: z.number(),
    }),
    type: 'commit',
    primaryKey: 'id',
  },
  authors: {
    schema: z.strictObject({ id: z.string(), commits: z.number(), lastCommitAt: z.string() }),
    type: 'author',
    primaryKey: 'id',
  },
  files: {
    schema: z.strictObject({ path: z.string(), lastCommitId: z.string(), changes: z.number() }),
    type: 'file',
    primaryKey: 'path',
  },
})

describe('the recorded history', () => {
  if (log === undefined || expectation === undefined) {
    test.skip(
      'needs git-history.ndjson and git-history.expected.json in ../shared/data, beside the repository',
    )
    return
  }
  const transactions = transactionsOf(readFileSync(log, 'utf8'))
  const expected: unknown = JSON.parse(readFileSync(expectation, 'utf8'))

  afterAll(async () => (await roomServer()).stop())

  test('[M6] materialises, through the real server, to exactly what is expected', async () => {
    const kit = await roomServer()
    const items = transactions.flatMap(({ events }) => events)
    const url = await kit.createStream(undefined, { items })
    const db = openHistory(url)
    await db.preload()
    expect(db.issues).toMatchObject({ total: 0, last: [] })
    expect({ events: items.length, transactions: transactions.length, ...summaryOf(db) }).toEqual(expected)
  })

  test(
    '[C1] fed transaction by transaction, a join never shows a commit without its author, and publishes at most once for each',
    // One append after the other: a server that syncs each of them takes longer.
    { timeout: 180_000 },
    async () => {
      const kit = await roomServer()
      const url = await kit.createStream()
      const db = openHistory(url)
      const joined = createLiveQueryCollection((q) =>
        q
          .from({ commit: db.collections.commits })
          .leftJoin({ author: db.collections.authors }, ({ commit, author }) =>
            eq(commit.authorId, author.id),
          )
          .select(({ commit, author }) => ({ id: commit.id, author: author?.id, of: author?.commits })),
      )
      await joined.preload()
      let publications = 0
      const torn: unknown[] = []
      const tooMany: unknown[] = []
      joined.subscribeChanges((changes) => {
        publications++
        for (const { type, value } of changes) {
          if (type !== 'delete' && (value.author === undefined || value.of === undefined)) torn.push(value)
        }
        for (const row of joined.values()) if (row.author === undefined) torn.push(row)
      })
      for (const [index, { txid, events }] of transactions.entries()) {
        publications = 0
        await kit.appendItems(url, events)
        await db.utils.awaitTxId(txid)
        if (publications > 1) tooMany.push({ index, txid, publications })
        expect(joined.size).toBe(index + 1)
      }
      expect(torn).toEqual([])
      expect(tooMany).toEqual([])
      expect({ events: 17_640, transactions: 1012, ...summaryOf(db) }).toEqual(expected)
    },
  )
})

interface LoggedTransaction {
  readonly txid: string
  readonly events: unknown[]
}

function transactionsOf(ndjson: string): LoggedTransaction[] {
  const transactions: LoggedTransaction[] = []
  for (const line of ndjson.trimEnd().split('\n')) {
    // The file's README says what a line is; the digest at the end would tell if it were not.
    const event = JSON.parse(line) as { headers: { txid: string } }
    const { txid } = event.headers
    const last = transactions.at(-1)
    if (last?.txid === txid) last.events.push(event)
    else transactions.push({ txid, events: [event] })
  }
  return transactions
}

function openHistory(url: string): StreamDB<typeof history> {
  const db = createStreamDB({ streamOptions: { url }, state: history })
  onTestFinished(() => db.close())
  return db
}

/** What `git-history.expected.json` says of a state. */
function summaryOf({ collections }: StreamDB<typeof history>): object {
  const { commits, authors, files } = collections
  const state = new Map(
    Object.entries({ commit: commits, author: authors, file: files }).map(([type, collection]) => [
      type,
      new Map<string, unknown>([...collection.entries()].map(([key, row]) => [key, plain(row)])),
    ]),
  )
  return {
    rows: { author: authors.size, commit: commits.size, file: files.size },
    sha256OfCanonicalState: createHash('sha256').update(canonical(state)).digest('hex'),
  }
}
