import { createManualLog, eventually, gate } from '@streamdb/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quick } from '@streamdb/testkit/rooms'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, createStreamDB, gt } from '../src/index.ts'
import type { ChangeEvent, StreamDB } from '../src/index.ts'

const state = createStateSchema({
  tasks: {
    schema: z.object({ id: z.string(), rank: z.number(), owner: z.number() }),
    type: 'task',
    primaryKey: 'id',
  },
})
type DB = StreamDB<typeof state>

interface Task {
  readonly id: string
  readonly rank: number
  readonly owner: number
}

/** An ordered and limited query. `by`: one or two columns, each up or down. */
interface Window {
  readonly by: readonly (readonly ['rank' | 'owner', 'asc' | 'desc'])[]
  readonly limit: number
  readonly offset: number
  /** Only rows whose owner is greater. */
  readonly above: number | undefined
}

type Step =
  /** Somebody else puts a row: at the end that most windows show, at the other, or anywhere. */
  | { readonly do: 'foreign'; readonly row: number; readonly rank: number; readonly owner: number }
  | { readonly do: 'foreign-delete'; readonly row: number }
  /** This client writes, optimistically. */
  | { readonly do: 'own'; readonly row: number; readonly rank: number; readonly owner: number }
  | { readonly do: 'own-delete'; readonly row: number }
  /** The oldest write of this client is stored, or refused. */
  | { readonly do: 'store' }
  | { readonly do: 'refuse' }
  /** The window moves. */
  | { readonly do: 'move'; readonly limit: number; readonly offset: number }

const ranks = 400
const rank = fc.oneof(
  fc.nat(ranks),
  fc.constantFrom(0, 1, 2, ranks - 2, ranks - 1, ranks), // the ends, where windows are, with ties
)
const owner = fc.nat(3)
// A row by its place in the order of the ranks: from the top, from the bottom or anywhere; negative ones are new rows.
const row = fc.oneof(
  fc.nat(8),
  fc.nat(8).map((n) => 10_000 - n),
  fc.nat(10_000),
  fc.constant(-1),
)
const change = fc.record({ row, rank, owner })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: change.map((each) => ({ do: 'foreign' as const, ...each })) },
  { weight: 2, arbitrary: row.map((each) => ({ do: 'foreign-delete' as const, row: each })) },
  { weight: 3, arbitrary: change.map((each) => ({ do: 'own' as const, ...each })) },
  { weight: 3, arbitrary: row.map((each) => ({ do: 'own-delete' as const, row: each })) },
  { weight: 3, arbitrary: fc.constant({ do: 'store' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'refuse' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      limit: fc.integer({ min: 1, max: 12 }),
      offset: fc.nat(6),
    }),
  },
)
const direction = fc.constantFrom('asc' as const, 'desc' as const)
const window: fc.Arbitrary<Window> = fc.record({
  by: fc.oneof(
    direction.map((each) => [['rank', each]] as const),
    fc.tuple(direction, direction).map(
      ([first, second]) =>
        [
          ['owner', first],
          ['rank', second],
        ] as const,
    ),
  ),
  limit: fc.integer({ min: 1, max: 8 }),
  offset: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
  above: fc.option(fc.nat(2), { nil: undefined, freq: 2 }),
})

interface Query {
  readonly window: Window
  readonly made: string
  readonly live: ReturnType<typeof make>
  limit: number
  offset: number
}

function make(db: DB, { by, limit, offset, above }: Window) {
  return createLiveQueryCollection((q) => {
    let query = q.from({ task: db.collections.tasks })
    if (above !== undefined) query = query.where(({ task }) => gt(task.owner, above))
    for (const [column, way] of by) query = query.orderBy(({ task }) => task[column], way)
    return query.limit(limit).offset(offset)
  })
}

/** The rows that a window shows, by sorting all of them; equal ones are in the order of their keys. */
function sorted(rows: readonly Task[], { window: { by, above }, limit, offset }: Query): Task[] {
  return rows
    .filter((each) => above === undefined || each.owner > above)
    .sort((a, b) => {
      for (const [column, way] of by) {
        const difference = a[column] - b[column]
        if (difference !== 0) return way === 'asc' ? difference : -difference
      }
      return a.id < b.id ? -1 : 1
    })
    .slice(offset, offset + limit)
}

const nameOf = ({ id, rank: at, owner: by }: Task): string => `${id} ${at} ${by}`

interface Case {
  readonly size: number
  readonly windows: readonly Window[]
  readonly before: readonly Step[]
  readonly after: readonly Step[]
  readonly turns: number
  readonly seed: number
}

function loadOf({ size, seed }: Pick<Case, 'size' | 'seed'>): Task[] {
  return Array.from({ length: size }, (_, n) => {
    const mixed = ((n + 1) * (2 * seed + 7919)) % 1_000_003
    // Keys in an order of their own, and ties.
    return { id: `t${mixed % 9973}-${n}`, rank: mixed % ranks, owner: mixed % 4 }
  })
}

async function run({ size, windows, before, after, turns, seed }: Case): Promise<void> {
  const log = createManualLog()
  // Events of this state are the ones that its log holds.
  const append = (event: unknown): void => log.append([event as ChangeEvent])
  for (const value of loadOf({ size, seed })) append(state.tasks.upsert({ value }))
  const reading = gate()
  const db = createStreamDB({
    streamOptions: {
      url: 'http://streamdb.test/tasks',
      fetch: async (input, init) => {
        if (init?.method === undefined || init.method === 'GET') await reading.opened
        return log.fetch(input, init)
      },
    },
    state,
    live: 'long-poll',
    retry: quick,
  })
  const { tasks } = db.collections
  const queries: Query[] = []
  const add = (made: string): void => {
    for (const each of windows) {
      const live = make(db, each)
      live.subscribeChanges(() => undefined)
      queries.push({ window: each, made, live, limit: each.limit, offset: each.offset })
    }
  }
  let created = 0
  /** The key of a place in the order of the ranks; a new one for -1. */
  const keyAt = (place: number): string => {
    if (place < 0) return `new${created++}`
    const all = tasks.toArray.sort((left, right) => left.rank - right.rank || (left.id < right.id ? -1 : 1))
    return all[Math.min(all.length - 1, Math.floor((place * all.length) / 10_000))]?.id ?? 'none'
  }
  const take = (each: Step): void => {
    switch (each.do) {
      case 'foreign':
        append(state.tasks.upsert({ value: { id: keyAt(each.row), rank: each.rank, owner: each.owner } }))
        break
      case 'foreign-delete':
        append(state.tasks.delete({ key: keyAt(each.row) }))
        break
      case 'own': {
        const value = { id: keyAt(each.row), rank: each.rank, owner: each.owner }
        if (tasks.has(value.id)) tasks.update(value.id, (draft) => void Object.assign(draft, value))
        else
          void tasks
            .insert(value)
            .when('settled')
            .catch(() => undefined)
        break
      }
      case 'own-delete': {
        const key = keyAt(each.row)
        if (tasks.has(key))
          void tasks
            .delete(key)
            .when('settled')
            .catch(() => undefined)
        break
      }
      case 'store':
      case 'refuse':
        log.decide(each.do)
        break
      case 'move':
        for (const query of queries) {
          Object.assign(query, { limit: each.limit, offset: each.offset })
          void query.live.utils.setWindow({ limit: each.limit, offset: each.offset })
        }
    }
  }
  const compare = (what: string): void => {
    const rows = tasks.toArray
    for (const query of queries) {
      const shown = query.live.toArray.map(nameOf)
      const expected = sorted(rows, query).map(nameOf)
      expect(shown, `${what}: made ${query.made}, ${JSON.stringify(query.window)}`).toEqual(expected)
    }
  }
  try {
    add('before')
    before.forEach(take)
    const loaded = db.preload()
    reading.open()
    for (let turn = 0; turn < turns; turn++) await nextTurn()
    add('middle')
    await loaded
    add('after')
    for (const { live } of queries) await live.preload()
    compare('load')
    for (const each of after) {
      take(each)
      // What this client writes is shown at once; what others write when it has come.
      if (each.do.startsWith('own')) compare(`${JSON.stringify(each)} at once`)
      if (each.do === 'refuse') await nextTurn()
      await eventually(() => expect(db.offset).toBe(log.end))
      await nextTurn()
      compare(JSON.stringify(each))
    }
  } finally {
    db.close()
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Minutes of it: PROPERTY_RUNS=2000 npx vitest run --project db windows */
const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 150) / 10)

describe('[F-real-1] ordered and limited queries show what sorting the rows shows', () => {
  test.each([900, 1001, 5000])(
    'made before, while and after %s rows are loaded, whoever writes',
    async (size) => {
      const cases = fc.record({
        size: fc.constant(size),
        windows: fc.array(window, { minLength: 1, maxLength: 3 }),
        before: fc.array(
          change.map((each) => ({ do: 'own' as const, ...each, row: -1 })),
          { maxLength: 3 },
        ),
        after: fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }),
        turns: fc.nat(12),
        seed: fc.nat(1000),
      })
      await fc.assert(fc.asyncProperty(cases, run), {
        numRuns: Math.ceil(numRuns / (size > 1001 ? 3 : 1)),
        endOnFailure: process.env['SHRINK'] === undefined,
      })
    },
    30_000 + numRuns * 4000,
  )

  const top: Window = { by: [['rank', 'desc']], limit: 3, offset: 0, above: undefined }

  test.each<[name: string, before: Step[], after: Step[]]>([
    [
      'an old row is edited by somebody, and the newest is deleted here',
      [],
      [
        { do: 'foreign', row: 5, rank: 3, owner: 1 },
        { do: 'own-delete', row: 10_000 },
      ],
    ],
    [
      'an update of this client moves the newest row out of the window',
      [],
      [
        { do: 'foreign', row: 5, rank: 3, owner: 1 },
        { do: 'own', row: 10_000, rank: 1, owner: 1 },
      ],
    ],
    [
      'a row was inserted here before the load, and goes again',
      [{ do: 'own', row: -1, rank: 400, owner: 3 }],
      [
        { do: 'foreign', row: 5, rank: 3, owner: 1 },
        { do: 'own-delete', row: 10_000 },
        { do: 'own-delete', row: 10_000 },
      ],
    ],
    [
      'more rows were inserted here before the load than the window holds',
      [0, 1, 2, 3, 4].map((n) => ({ do: 'own', row: -1, rank: 400 + n, owner: 3 })),
      [
        { do: 'foreign', row: 5, rank: 3, owner: 1 },
        { do: 'refuse' },
        { do: 'own-delete', row: 10_000 },
        { do: 'own-delete', row: 10_000 },
      ],
    ],
  ])('%s', async (_name, before, after) => {
    for (const size of [900, 1001, 5000]) {
      await run({ size, windows: [top, { ...top, limit: 1 }], before, after, turns: 2, seed: 1 })
    }
  })
})
