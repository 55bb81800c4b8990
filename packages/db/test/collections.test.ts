import { batchHandler, eventually } from '@streamdb/testkit'
import {
  message,
  openRoom,
  openScripted,
  plain,
  publicationsOf,
  roomServer,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, createStreamDB, eq } from '../src/index.ts'

type Row = Record<string, string | number>

/** A handwritten schema, whose `validate` a test gives. */
function schemaOf(validate: (row: Row) => { value: Row } | { issues: readonly { message: string }[] }) {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      // A row, as these tests write nothing else.
      validate: (value: unknown) => validate(value as Row),
    },
  } as const
}

function insert(type: string, key: string, value: object): unknown {
  return { type, key, value, headers: { operation: 'insert' } }
}

describe('[C1] publications', () => {
  test('[C1] a transaction that two live batches share is never half visible', async () => {
    const halves = [[message('m1', 'u1', 'hi', 'tx-1')], [user('u1', 'Ada', 'tx-1')], [user('u2')]]
    const { db } = await openScripted((request, reply) => {
      if (request.live === undefined)
        return reply.page({ nextOffset: request.offset === '-1' ? '0' : request.offset, upToDate: true })
      const sse = reply.sse().control({ nextOffset: '0' })
      // The server knows that there is more.
      sse.data(halves[0] ?? []).control({ nextOffset: '1', upToDate: false })
      sse.data(halves[1] ?? []).control({ nextOffset: '2' })
    })
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: db.collections.messages })
        .leftJoin({ user: db.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ user: u }) => ({ name: u?.name })),
    )
    await joined.preload()
    const names: unknown[] = []
    joined.subscribeChanges((changes) => names.push(...changes.map(({ value }) => value.name)))
    await db.utils.awaitTxId('tx-1')
    expect(names).toEqual(['Ada'])
  })

  test('[C1] [F-size-2] the first load of many pages is one publication, and a live query over it runs once', async () => {
    const pages = Array.from({ length: 30 }, (_, n) => [message(`m${n}`, `u${n}`), user(`u${n}`)])
    const { db } = await openScripted(batchHandler(pages))
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: db.collections.messages })
        .innerJoin({ user: db.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, name: u.name })),
    )
    const publications = publicationsOf(joined)
    const users = publicationsOf(db.collections.users)
    await joined.preload()
    expect(joined.size).toBe(30)
    expect(publications).toHaveLength(1)
    expect(users).toHaveLength(1)
  })

  test('[C1] rows are visible in every collection when any listener is called', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const seen: unknown[] = []
    db.collections.messages.subscribeChanges(() => seen.push(db.collections.users.size))
    db.collections.users.subscribeChanges(() => seen.push(db.collections.messages.size))
    await append(message('m1', 'u1'), user('u1'))
    await eventually(() => expect(seen).toHaveLength(2))
    expect(seen[1]).toBe(1)
  })
})

describe('[C2] rows', () => {
  test("[C2] an event's objects are as they came, and a row is what its value is", async () => {
    const texts: string[] = []
    const events: object[] = []
    const passed = schemaOf((value) => ({ value }))
    const state = createStateSchema({ things: { schema: passed, type: 'thing', primaryKey: 'id' } })
    const { db } = await openScripted(
      batchHandler(
        [
          [insert('thing', 'a', { id: 'a', n: 1 }), insert('thing', 'b', { n: 2 })],
          [insert('thing', 'a', { id: 'a', n: 3 })],
        ],
        { catchUp: 1 },
      ),
      {
        state,
        onBeforeBatch: ({ items }) => {
          for (const item of items) {
            events.push(item)
            texts.push(JSON.stringify(item))
            deepFreeze(item)
          }
        },
      },
    )
    await db.preload()
    await eventually(() => expect(db.collections.things.get('a')?.['n']).toBe(3))
    expect(events.map((event) => JSON.stringify(event))).toEqual(texts)
    expect(rowsOf(db.collections.things)).toEqual({ a: { id: 'a', n: 3 }, b: { id: 'b', n: 2 } })
    expect(db.issues.total).toBe(0)
  })
})

describe('[C3] schemas', () => {
  test('[C3] defaults, coercions and transforms of the schema make the row', async () => {
    const state = createStateSchema({
      posts: {
        schema: z.object({
          id: z.string(),
          at: z.coerce.date(),
          title: z.string().transform((title) => title.toUpperCase()),
          tags: z.array(z.string()).default([]),
        }),
        type: 'post',
        primaryKey: 'id',
      },
    })
    const { db } = await openScripted(
      batchHandler([
        [insert('post', 'p1', { id: 'p1', at: '2026-01-02T03:04:05Z', title: 'ada', dropped: true })],
      ]),
      { state },
    )
    await db.preload()
    expect(plain(db.collections.posts.get('p1'))).toEqual({
      id: 'p1',
      at: new Date('2026-01-02T03:04:05Z'),
      title: 'ADA',
      tags: [],
    })
  })

  test('[C3] the schema is called once a row on the way in', async () => {
    let calls = 0
    const schema = schemaOf((row) => {
      calls++
      return { value: { ...row, n: Number(row['n']) + 1 } }
    })
    const state = createStateSchema({ things: { schema, type: 'thing', primaryKey: 'id' } })
    const rows = Array.from({ length: 20 }, (_, n) => insert('thing', `t${n}`, { id: `t${n}`, n }))
    const { db } = await openScripted(
      batchHandler([rows, [insert('thing', 't0', { id: 't0', n: 100 })]], { catchUp: 1 }),
      { state },
    )
    const before = calls
    await db.preload()
    expect(calls - before).toBe(20)
    expect(db.collections.things.get('t7')?.['n']).toBe(8)
    await eventually(() => expect(db.collections.things.get('t0')?.['n']).toBe(101))
    expect(calls - before).toBe(21)
  })

  test('[F-event-5] [F-event-9] a schema that throws makes an issue, and stops nothing', async () => {
    const schema = schemaOf((value) => {
      if (value['n'] === 13) throw new Error('unlucky')
      return { value }
    })
    const state = createStateSchema({ things: { schema, type: 'thing', primaryKey: 'id' } })
    const { db } = await openScripted(
      batchHandler([[insert('thing', 'a', { id: 'a', n: 13 }), insert('thing', 'b', { id: 'b', n: 1 })]]),
      { state },
    )
    await db.preload()
    expect([...db.collections.things.keys()]).toEqual(['b'])
    expect(db.issues.last[0]).toMatchObject({ code: 'schema', received: 'unlucky' })
  })

  test('[F-event-5] a result with `issues: undefined` is a success, and one that is a promise an issue', async () => {
    let answer: (row: Row) => never = (value) => ({ value, issues: undefined }) as never // as some libraries answer
    const schema = schemaOf((row) => answer(row))
    const state = createStateSchema({ things: { schema, type: 'thing', primaryKey: 'id' } })
    answer = (value) =>
      (value['id'] === 'a' ? { value, issues: undefined } : Promise.reject(new Error('late'))) as never // on purpose
    const { db } = await openScripted(
      batchHandler([[insert('thing', 'a', { id: 'a' }), insert('thing', 'b', { id: 'b' })]]),
      { state },
    )
    await db.preload()
    expect([...db.collections.things.keys()]).toEqual(['a'])
    expect(db.issues.total).toBe(1)
  })

  test('[C3] a schema that returns no object, or another key, makes an issue', async () => {
    const answers = new Map<unknown, unknown>(
      Object.entries({ text: 'text', other: { id: 'z' }, nothing: null, good: { id: 'good' } }),
    )
    // Some are no rows, on purpose.
    const schema = schemaOf((row) => ({
      value: (answers.has(row['id']) ? answers.get(row['id']) : row) as Row,
    }))
    const state = createStateSchema({ things: { schema, type: 'thing', primaryKey: 'id' } })
    const { db } = await openScripted(
      batchHandler([[...answers.keys()].map((id) => insert('thing', String(id), { id }))]),
      { state },
    )
    await db.preload()
    expect([...db.collections.things.keys()]).toEqual(['good'])
    expect(db.issues.last.map(({ code }) => code)).toEqual(['schema', 'key-mismatch', 'schema'])
  })
})

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  for (const field of Object.values(value)) deepFreeze(field)
}

test('[C2] rows that a schema returned from elsewhere are not changed', async () => {
  const shared = { id: 'u1', name: 'of the application' }
  const state = createStateSchema({
    users: {
      schema: { '~standard': { version: 1, vendor: 'own', validate: () => ({ value: shared }) } },
      type: 'user',
      primaryKey: 'id',
    },
  })
  const kit = await roomServer()
  const db = createStreamDB({
    streamOptions: { url: await kit.createStream(undefined, { items: [user('u1')] }) },
    state,
  })
  onTestFinished(() => db.close())
  await db.preload()
  expect(Object.isExtensible(shared)).toBe(true)
})
