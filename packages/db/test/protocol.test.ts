import { batchHandler, eventually, garbage, hostileNames } from '@streamdb/testkit'
import {
  message,
  openRoom,
  openScripted,
  plain,
  publicationsOf,
  room,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, eq } from '../src/index.ts'
import type { StateEvent } from '../src/index.ts'

/** The code of the issue that an event gets for breaking a law. */
const codes = { P1: 'not-an-event', P2: 'missing-part', P4: 'key-mismatch', C3: 'schema' } as const

/** Items that are no events (SPEC F-event-1 to F-event-3). */
const bad: readonly (readonly [row: string, law: keyof typeof codes, path: string, item: unknown])[] = [
  ['F-event-1', 'P1', '', 42],
  ['F-event-1', 'P1', '', 'insert'],
  ['F-event-1', 'P1', '', true],
  ['F-event-1', 'P1', '', null],
  ['F-event-1', 'P1', '', [[user('u8')]]],
  ['F-event-1', 'P1', '/headers', {}],
  ['F-event-1', 'P1', '/headers', { type: 'user', key: 'u9', value: { name: 'x' } }],
  ['F-event-1', 'P1', '/headers', { ...Object(user('u9')), headers: null }],
  ['F-event-1', 'P1', '/headers', { ...Object(user('u9')), headers: 'insert' }],
  ['F-event-1', 'P1', '/headers', { ...Object(user('u9')), headers: [] }],
  ['F-event-1', 'P1', '/headers', { ...Object(user('u9')), headers: {} }],
  ['F-event-2', 'P1', '/headers/operation', { ...Object(user('u9')), headers: { operation: 'replace' } }],
  ['F-event-2', 'P1', '/headers/operation', { ...Object(user('u9')), headers: { operation: 'INSERT' } }],
  ['F-event-2', 'P1', '/headers/operation', { ...Object(user('u9')), headers: { operation: null } }],
  ['F-event-2', 'P1', '/headers/control', { headers: { control: 'RESET' } }],
  ['F-event-2', 'P1', '/headers/control', { headers: { operation: 'insert', control: 'reset' } }],
  ['F-event-3', 'P2', '/key', { type: 'user', value: { name: 'x' }, headers: { operation: 'insert' } }],
  ['F-event-3', 'P2', '/key', { ...Object(user('u9')), key: 7 }],
  ['F-event-3', 'P2', '/key', { ...Object(user('u9')), key: null }],
  ['F-event-3', 'P2', '/key', { ...Object(user('u9')), key: {} }],
  ['F-event-3', 'P2', '/key', { ...Object(user('u9')), key: '' }],
  ['F-event-3', 'P2', '/type', { ...Object(user('u9')), type: '' }],
  ['F-event-3', 'P2', '/value', { type: 'user', key: 'u9', headers: { operation: 'insert' } }],
  ['F-event-3', 'P2', '/value', { type: 'user', key: 'u9', value: null, headers: { operation: 'upsert' } }],
  ['F-event-4', 'C3', '/value', { type: 'user', key: 'u9', value: 'dark', headers: { operation: 'insert' } }],
  ['F-event-4', 'C3', '/value', { type: 'user', key: 'u9', value: 42, headers: { operation: 'insert' } }],
  ['F-event-4', 'C3', '/value', { type: 'user', key: 'u9', value: [], headers: { operation: 'insert' } }],
  ['F-event-5', 'C3', '/value/name', { ...Object(user('u9')), value: { id: 'u9', name: 7 } }],
  ['F-event-6', 'P4', '/value/id', { ...Object(user('u9')), value: { id: 'u8', name: 'x' } }],
]

describe('items that are not events', () => {
  test.each(bad)(
    '[%s] [%s] at "%s": %j is skipped, and its neighbours land',
    async (_row, law, path, item) => {
      const { db, append } = await openRoom([user('u1'), item, user('u2')])
      await db.preload()
      expect(Object.keys(Object(rowsOf(db.collections.users)))).toEqual(['u1', 'u2'])
      expect(db.issues.total).toBe(1)
      expect(db.issues.last[0]).toMatchObject({ code: codes[law], path, offset: db.offset })
      expect(db.issues.last[0]?.message).toContain(`(offset ${db.offset})`)
      // And so it is when it comes live.
      await append(user('u3'), item, user('u4'))
      await eventually(() => expect(db.collections.users.size).toBe(4))
      expect(db.issues.total).toBe(2)
      expect(db.status.name).toBe('live')
    },
  )

  test('[P1] [M7] a hundred batches of garbage stop nothing, are all counted, and the last ones are kept', async () => {
    const junk = fc.sample(garbage(), { numRuns: 300, seed: 7 })
    const batches = junk.map((item, index) => [item, user(`u${index}`), item])
    const { db } = await openScripted(batchHandler(batches, { catchUp: 150 }))
    await db.preload()
    await eventually(() => expect(db.collections.users.size).toBe(300))
    const { total, last } = db.issues
    expect(total).toBe(600)
    expect(last).toHaveLength(100)
    expect(last.at(-1)?.offset).toBe('300')
  })

  test('[M7] an issue keeps the event as it came', async () => {
    const item = { type: 'user', key: 7, headers: { operation: 'insert' } }
    const { db } = await openRoom([item])
    await db.preload()
    expect(db.issues.last[0]?.event).toMatchObject({ type: 'user', key: 7 })
  })
})

describe('what passes through', () => {
  test('[P3] unknown headers and fields are no issues', async () => {
    const event = {
      ...Object(user('u1')),
      extra: 1,
      headers: { operation: 'insert', 'x-trace': { deep: true }, timestamp: 7 },
    }
    const { db } = await openRoom([event])
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'name of u1' } })
    expect(db.issues.total).toBe(0)
  })

  test('[P3] events of unknown types are counted, by type, and settle their transactions', async () => {
    const presence = { type: 'presence', key: 'p', value: {}, headers: { operation: 'upsert', txid: 'tx-p' } }
    const { db } = await openRoom([presence, user('u1'), presence, { ...presence, type: '__proto__' }])
    await db.preload()
    expect(db.issues.unknownTypes).toEqual(
      new Map([
        ['presence', 2],
        ['__proto__', 1],
      ]),
    )
    expect(db.issues.total).toBe(0)
    await db.utils.awaitTxId('tx-p')
  })

  test('[P3] the memory for unknown types is bounded', async () => {
    const items = Array.from({ length: 1000 }, (_, n) => ({
      type: `t${n}`,
      key: 'k',
      value: {},
      headers: { operation: 'insert' },
    }))
    const { db } = await openRoom(items)
    await db.preload()
    expect(db.issues.unknownTypes.size).toBeLessThanOrEqual(100)
  })
})

describe('keys', () => {
  test('[P4] an absent primary key is filled from the event', async () => {
    const { db } = await openRoom([
      { type: 'user', key: 'u1', value: { name: 'Ada' }, headers: { operation: 'insert' } },
    ])
    await db.preload()
    expect(plain(db.collections.users.get('u1'))).toEqual({ id: 'u1', name: 'Ada' })
  })

  const numeric = createStateSchema({
    jobs: { schema: z.object({ id: z.number(), title: z.string() }), type: 'job', primaryKey: 'id' },
    runs: { schema: z.object({ id: z.string(), jobId: z.number() }), type: 'run', primaryKey: 'id' },
  })

  test('[F-event-6] [P4] a numeric primary key stays a number: in the row, in eq() and in a join', async () => {
    const events: StateEvent[] = [
      numeric.jobs.insert({ value: { id: 7, title: 'seven' } }),
      // Absent: filled from the key, as the number that it spells.
      { type: 'job', key: '8', value: { title: 'eight' }, headers: { operation: 'insert' } },
      numeric.runs.insert({ value: { id: 'r1', jobId: 7 } }),
      numeric.runs.insert({ value: { id: 'r2', jobId: 8 } }),
    ]
    const { db } = await openScripted(
      batchHandler([events, [numeric.jobs.delete({ key: '7' })]], { catchUp: 1 }),
      {
        state: numeric,
        live: false,
      },
    )
    await db.preload()
    const { jobs, runs } = db.collections
    expect(db.issues.total).toBe(0)
    expect(plain(jobs.get(7))).toEqual({ id: 7, title: 'seven' })
    expect(plain(jobs.get('7'))).toEqual({ id: 7, title: 'seven' })
    expect(jobs.has(8)).toBe(true)
    const seven = createLiveQueryCollection((q) => q.from({ job: jobs }).where(({ job }) => eq(job.id, 7)))
    await seven.preload()
    expect(seven.toArray.map(plain)).toEqual([{ id: 7, title: 'seven' }])
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ run: runs })
        .innerJoin({ job: jobs }, ({ run, job }) => eq(run.jobId, job.id))
        .select(({ run, job }) => ({ run: run.id, title: job.title })),
    )
    await joined.preload()
    expect(joined.toArray.map(plain)).toEqual([
      { run: 'r1', title: 'seven' },
      { run: 'r2', title: 'eight' },
    ])
  })

  test('[F-event-6] a delete by the text of a numeric key removes the row', async () => {
    const events = [numeric.jobs.insert({ value: { id: 7, title: 'seven' } })]
    const { db } = await openScripted(
      batchHandler([events, [numeric.jobs.delete({ key: '7' })]], { catchUp: 1 }),
      {
        state: numeric,
      },
    )
    const publications = publicationsOf(db.collections.jobs)
    await db.preload()
    await eventually(() => expect(db.collections.jobs.size).toBe(0))
    expect(publications).toEqual([['insert 7'], ['delete 7']])
    expect(db.collections.jobs.get(7)).toBeUndefined()
  })
})

describe('hostile names', () => {
  test.each(hostileNames)(
    '[F-event-8] [P5] %s is an ordinary type, key, field and primary key',
    async (name) => {
      const state = createStateSchema({
        things: { schema: anything, type: name, primaryKey: 'id' },
        owned: { schema: anything, type: 'owned', primaryKey: name },
      })
      const value = Object.fromEntries([
        ['id', name],
        [name, { polluted: true }],
      ])
      const { db } = await openScripted(
        batchHandler([
          [
            { type: name, key: name, value, headers: { operation: 'insert' } },
            { type: 'owned', key: 'a', value: { n: 1 }, headers: { operation: 'insert' } },
            {
              type: 'owned',
              key: name,
              value: Object.fromEntries([[name, name]]),
              headers: { operation: 'insert' },
            },
          ],
          [{ type: 'owned', key: 'a', headers: { operation: 'delete' } }],
        ]),
        { state },
      )
      await db.preload()
      expect(db.issues).toMatchObject({ total: 0 })
      expect(db.issues.unknownTypes.size).toBe(0)
      expect([...db.collections.things.keys()]).toEqual([name])
      expect(JSON.stringify(plain(db.collections.things.get(name)))).toBe(JSON.stringify(value))
      expect([...db.collections.owned.keys()]).toEqual([name])
      expect('polluted' in {}).toBe(false)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    },
  )

  test.each(['constructor', 'toString', 'hasOwnProperty'] as const)(
    '[F-event-8] %s can name a collection',
    async (name) => {
      const state = createStateSchema({
        [name]: { schema: anything, type: 'thing', primaryKey: 'id' },
      } as const)
      const event = { type: 'thing', key: '1', value: { id: '1' }, headers: { operation: 'insert' } }
      const { db } = await openScripted(batchHandler([[event]]), { state })
      await db.preload()
      expect(Object.hasOwn(db.collections, name)).toBe(true)
      expect([...(db.collections[name]?.keys() ?? [])]).toEqual(['1'])
    },
  )
})

/** A handwritten schema that takes every object. */
const anything = {
  '~standard': {
    version: 1,
    vendor: 'test',
    // Its fields are whatever a test gives it.
    validate: (value: unknown) =>
      typeof value === 'object' && value !== null
        ? { value: value as Record<string, string> }
        : { issues: [{ message: 'no object' }] },
  },
} as const

test('[P2] a room takes messages and users in any order', async () => {
  const { db } = await openRoom([message('m1', 'u1'), user('u1'), room.users.delete({ key: 'nobody' })])
  await db.preload()
  expect([db.collections.messages.size, db.collections.users.size]).toEqual([1, 1])
})
