import { eventually, startScriptedServer } from '@streamdb/testkit'
import type { ScriptedReply } from '@streamdb/testkit'
import { plain, quick } from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  and,
  count,
  createLiveQueryCollection,
  createStateSchema,
  createStreamDB,
  eq,
  gt,
  sum,
} from '../src/index.ts'
import type { CollectionMap } from '../src/index.ts'

const state = createStateSchema({
  tasks: {
    schema: z.object({ id: z.string(), owner: z.string(), rank: z.number(), done: z.boolean() }),
    type: 'task',
    primaryKey: 'id',
  },
  owners: { schema: z.object({ id: z.string(), team: z.number() }), type: 'owner', primaryKey: 'id' },
})
type Collections = CollectionMap<typeof state>

/** What a test asks of a live query, whatever its rows are. */
interface Query {
  readonly toArray: readonly object[]
  preload(): Promise<void>
  cleanup(): Promise<void>
  subscribeChanges(listener: (changes: readonly unknown[]) => void): unknown
}

/** Live queries of every shape that TanStack reads its sources by. */
const queries: Readonly<Record<string, (collections: Collections) => Query>> = {
  where: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) => q.from({ task: tasks }).where(({ task }) => eq(task.done, true))),
  join: ({ tasks, owners }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .innerJoin({ owner: owners }, ({ task, owner }) => eq(task.owner, owner.id))
        .select(({ task, owner }) => ({ id: task.id, team: owner.team, rank: task.rank })),
    ),
  leftJoin: ({ tasks, owners }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ owner: owners })
        .leftJoin({ task: tasks }, ({ task, owner }) => eq(task.owner, owner.id))
        .select(({ task, owner }) => ({ id: owner.id, task: task?.id, rank: task?.rank })),
    ),
  group: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .groupBy(({ task }) => task.owner)
        .select(({ task }) => ({ owner: task.owner, tasks: count(task.id), ranks: sum(task.rank) })),
    ),
  ordered: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) => q.from({ task: tasks }).orderBy(({ task }) => task.rank)),
  first: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .orderBy(({ task }) => task.rank)
        .limit(7),
    ),
  last: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .orderBy(({ task }) => task.rank, 'desc')
        .limit(7),
    ),
  page: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .orderBy(({ task }) => task.rank, 'desc')
        .limit(5)
        .offset(4),
    ),
  firstOfSome: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .where(({ task }) => and(eq(task.done, true), gt(task.rank, 1_000_000)))
        .orderBy(({ task }) => task.rank)
        .limit(6),
    ),
  firstOfFew: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .where(({ task }) => eq(task.owner, 'o1'))
        .orderBy(({ task }) => task.rank, 'desc')
        .limit(600),
    ),
  firstByTwo: ({ tasks }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .orderBy(({ task }) => task.owner)
        .orderBy(({ task }) => task.rank, 'desc')
        .limit(8),
    ),
  firstJoined: ({ tasks, owners }: Collections) =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .innerJoin({ owner: owners }, ({ task, owner }) => eq(task.owner, owner.id))
        .orderBy(({ task }) => task.rank)
        .limit(6)
        .select(({ task, owner }) => ({ id: task.id, team: owner.team, rank: task.rank })),
    ),
}
const names = Object.keys(queries)

function make(name: string, collections: Collections): Query {
  const query = queries[name]?.(collections)
  if (query === undefined) throw new Error(`no query ${name}`)
  return query
}

/** Few ranks tie, as where they do TanStack decides by what it saw first. */
function task(id: number, rank: number, owner: number, done: boolean): unknown {
  return state.tasks.upsert({
    value: { id: `t${id}`, owner: `o${owner}`, rank: rank * 10_000 + id, done },
  })
}

const tasks = fc.record({
  id: fc.nat({ max: 1500 }),
  rank: fc.nat({ max: 400 }),
  owner: fc.nat({ max: 6 }),
  done: fc.boolean(),
})
const change = fc.oneof(
  { weight: 3, arbitrary: tasks.map(({ id, rank, owner, done }) => task(id, rank, owner, done)) },
  // Low and high ranks, where the windows are.
  {
    weight: 3,
    arbitrary: tasks.map(({ id, owner, done, rank }) => task(id, rank % 2 ? 0 : 400, owner, done)),
  },
  { weight: 2, arbitrary: fc.constantFrom('first', 'last') },
  { weight: 1, arbitrary: fc.nat({ max: 6 }).map((id) => state.owners.delete({ key: `o${id}` })) },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 6 }).map((id) => state.owners.upsert({ value: { id: `o${id}`, team: id } })),
  },
)
const cases = fc.record({
  // So many rows that they are put in by slices.
  load: fc
    .array(tasks, { minLength: 1100, maxLength: 1500, size: 'max' })
    .map((drawn) => drawn.map((each, id) => ({ ...each, id }))),
  batches: fc.array(fc.array(change, { minLength: 1, maxLength: 12 }), { maxLength: 8 }),
  before: fc.subarray(names, { minLength: 1 }),
  turns: fc.nat({ max: 30 }),
})

/** Minutes of it: PROPERTY_RUNS=2000 npm run test:slow -- queries-before-load */
const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 150) / 12)

test(
  `[C1] [F-size-2] live queries made before or while a large first load show what those show that are made after it (${numRuns} cases)`,
  { timeout: 30_000 + numRuns * 2000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ load, batches, before, turns }) => {
        const owners = Array.from({ length: 5 }, (_, id) =>
          state.owners.upsert({ value: { id: `o${id}`, team: id } }),
        )
        const items = [...owners, ...load.map(({ id, rank, owner, done }) => task(id, rank, owner, done))]
        let live: ReturnType<ScriptedReply['sse']> | undefined
        const script = await startScriptedServer((request, reply) => {
          if (request.live === undefined) reply.page({ items, nextOffset: '00', upToDate: true })
          else live = reply.sse()
        })
        const db = createStreamDB({ streamOptions: { url: `${script.url}/stream` }, state, retry: quick })
        try {
          const early = new Map(before.map((name) => [name, make(name, db.collections)]))
          const publications = new Map<string, number>()
          const settled = [...early].map(async ([name, query]) => {
            query.subscribeChanges((changes) => {
              if (changes.length > 0) publications.set(name, (publications.get(name) ?? 0) + 1)
            })
            await query.preload()
          })
          const loaded = db.preload()
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
          const middle = new Map(names.map((name) => [name, make(name, db.collections)]))
          for (const query of middle.values()) query.subscribeChanges(() => undefined)
          await Promise.all([loaded, ...settled])
          await Promise.all([...middle.values()].map((query) => query.preload()))
          for (const count of publications.values()) expect(count).toBe(1)
          await compare(db.collections, [...early, ...middle], turns)
          await eventually(() => expect(live).toBeDefined())
          let offset = 0
          for (const batch of batches) {
            const ranked = db.collections.tasks.toArray.sort((a, b) => a.rank - b.rank)
            const changes = batch.map((each) =>
              typeof each === 'string'
                ? state.tasks.delete({ key: (each === 'first' ? ranked.shift() : ranked.pop())?.id ?? 't0' })
                : each,
            )
            const nextOffset = String(++offset).padStart(2, '0')
            live?.data(changes).control({ nextOffset })
            await eventually(() => expect(db.offset).toBe(nextOffset))
          }
          await compare(db.collections, [...early, ...middle], turns)
        } finally {
          db.close()
          await script.close()
        }
      }),
      // A smaller log is no log by slices; the one that failed says enough.
      { numRuns, endOnFailure: true },
    )
  },
)

async function compare(
  collections: Collections,
  found: readonly (readonly [string, Query])[],
  turns: number,
): Promise<void> {
  for (const [name, query] of found) {
    const late = make(name, collections)
    await late.preload()
    const expected = late.toArray.map((row) => JSON.stringify(plain(row)))
    const rows = query.toArray.map((row) => JSON.stringify(plain(row)))
    // Only an order that was asked for is one.
    if (!/^(ordered|first|last|page)/.test(name)) for (const each of [rows, expected]) each.sort()
    expect([name, turns, rows]).toEqual([name, turns, expected])
    await late.cleanup()
  }
}
