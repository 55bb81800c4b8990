import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createTransaction } from '@tanstack/db'
import { eventually, logOf, needs, pausedPosts, unhandledRejections } from '@streamdb/testkit'
import type { ScriptedSse } from '@streamdb/testkit'
import {
  message,
  openProxied,
  openRoom,
  openScripted,
  plain,
  publicationsOf,
  room,
  roomServer,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, createStreamDB, eq } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

/** Rows with a number for a key, a date, a default, and fields that may be absent. */
const shop = createStateSchema({
  items: {
    schema: z.strictObject({
      id: z.number(),
      name: z.string(),
      at: z.coerce.date().optional(),
      note: z.string().optional(),
      count: z.number().default(1),
      meta: z.object({ a: z.string().optional() }).optional(),
    }),
    type: 'item',
    primaryKey: 'id',
  },
})

const operations = (events: readonly { headers: { operation: unknown } }[]): unknown[] =>
  events.map(({ headers }) => headers.operation)

describe('write-through collections', () => {
  test('[W1] insert, update and delete are one append and one txid each, and confirmed', async () => {
    const { db, url, posts } = await openProxied({ items: [user('u1')] })
    const { users } = db.collections
    const published = publicationsOf(users)
    for (const write of [
      () => users.insert({ id: 'u2', name: 'Bob' }),
      () => users.update('u1', (draft) => void (draft.name = 'Ada')),
      () => users.delete('u2'),
    ]) {
      const transaction = write()
      expect(db.writeOf(transaction)?.state).toEqual({ name: 'pending' })
      await transaction.when('settled')
      expect(db.writeOf(transaction)?.state).toEqual({ name: 'confirmed' })
    }
    expect(posts()).toBe(3)
    expect(published).toEqual([['insert u2'], ['update u2'], ['update u1'], ['update u1'], ['delete u2']])
    expect(rowsOf(users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    const [, ...log] = await logOf(url)
    expect(log.map(({ headers, ...event }) => ({ ...event, operation: headers.operation }))).toEqual([
      { type: 'user', key: 'u2', value: { id: 'u2', name: 'Bob' }, operation: 'insert' },
      {
        type: 'user',
        key: 'u1',
        value: { id: 'u1', name: 'Ada' },
        old_value: { id: 'u1', name: 'name of u1' },
        operation: 'update',
      },
      { type: 'user', key: 'u2', old_value: { id: 'u2', name: 'Bob' }, operation: 'delete' },
    ])
    expect(new Set(log.map(({ headers }) => headers.txid)).size).toBe(3)
    expect(db.pendingWrites).toEqual([])
  })

  test('[W1] inserting an array is one append', async () => {
    const { db, url, posts } = await openProxied()
    const { users } = db.collections
    await users
      .insert([
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ])
      .when('settled')
    await users.update(['a', 'b'], (drafts) => drafts.forEach((draft) => (draft.name += '!'))).when('settled')
    await users.delete(['a', 'b']).when('settled')
    expect(posts()).toBe(3)
    const log = await logOf(url)
    expect(operations(log)).toEqual(['insert', 'insert', 'update', 'update', 'delete', 'delete'])
    expect(new Set(log.map(({ headers }) => headers.txid)).size).toBe(3)
    expect(users.size).toBe(0)
  })

  test('[F-event-6] numeric keys: numbers in rows, text in the log, either in calls', async () => {
    const { db, url } = await openProxied<typeof shop>({ state: shop })
    const { items } = db.collections
    await items.insert({ id: 7, name: 'pen' }).when('settled')
    await items.update(7, (draft) => void (draft.count = 2)).when('settled')
    await items.update('7', (draft) => void (draft.name = 'pens')).when('settled')
    expect(plain(items.get(7))).toEqual({ id: 7, name: 'pens', count: 2 })
    await items
      .insert([
        { id: 8, name: 'a' },
        { id: 9, name: 'b' },
      ])
      .when('settled')
    await items.delete([8, 9]).when('settled')
    expect((await logOf(url)).map(({ key }) => key)).toEqual(['7', '7', '7', '8', '9', '8', '9'])
    expect([...items.keys()]).toEqual(['7'])
  })

  test("[W1] inside an application's own transaction, mutations belong to it", async () => {
    const { db, posts } = await openProxied()
    const sent: string[] = []
    const transaction = createTransaction({
      autoCommit: false,
      mutationFn: ({ transaction: { mutations } }) => {
        sent.push(...mutations.map(({ type, key }) => `${type} ${String(key)}`))
        return Promise.resolve()
      },
    })
    transaction.mutate(() => {
      expect(db.collections.users.insert({ id: 'a', name: 'A' })).toBe(transaction)
      db.collections.users.insert({ id: 'b', name: 'B' })
    })
    expect(db.collections.users.size).toBe(2)
    expect(db.pendingWrites).toEqual([])
    await transaction.commit()
    expect(sent).toEqual(['insert a', 'insert b'])
    expect(posts()).toBe(0)
    expect(db.collections.users.size).toBe(0)
  })

  test('[F-event-10] the virtual fields of a spread row never reach the log', async () => {
    const { db, url } = await openProxied({ items: [user('u1')] })
    const { users } = db.collections
    const row = users.get('u1')
    expect(row).toHaveProperty('$synced')
    await users.insert({ ...row, id: 'u2', name: 'copy' }).when('settled')
    await users.update('u1', (draft) => void Object.assign(draft, { ...row, name: 'again' })).when('settled')
    expect(JSON.stringify(await logOf(url))).not.toContain('$')
    expect(plain(users.get('u1'))).toEqual({ id: 'u1', name: 'again' })
  })

  test('[W1] a Date goes over the wire as JSON, and the confirmed row equals the optimistic one', async () => {
    const { db, url } = await openProxied<typeof shop>({ state: shop })
    const { items } = db.collections
    const at = new Date('2026-01-02T03:04:05.678Z')
    const transaction = items.insert({ id: 1, name: 'pen', at, note: undefined, meta: { a: undefined } })
    const shown = plain(items.get(1))
    expect(shown).toEqual({ id: 1, name: 'pen', at, count: 1, meta: {} })
    await transaction.when('settled')
    expect(plain(items.get(1))).toStrictEqual({ id: 1, name: 'pen', at, count: 1, meta: {} })
    const later = new Date('2027-01-01T00:00:00.000Z')
    await items.update(1, (draft) => void (draft.at = later)).when('settled')
    expect(plain(items.get(1))).toMatchObject({ at: later })
    expect((await logOf(url)).map(({ value }) => value)).toEqual([
      { id: 1, name: 'pen', at: at.toISOString(), count: 1, meta: {} },
      { id: 1, name: 'pen', at: later.toISOString(), count: 1, meta: {} },
    ])
  })

  test('[M2] a field that is set to undefined or deleted is gone from the log and from the row', async () => {
    const { db, url } = await openProxied<typeof shop>({ state: shop })
    const { items } = db.collections
    await items.insert({ id: 1, name: 'pen', note: 'n', meta: {} }).when('settled')
    await items
      .update(1, (draft) => {
        draft.note = undefined
        delete draft.meta
      })
      .when('settled')
    expect((await logOf(url)).at(-1)?.value).toEqual({ id: 1, name: 'pen', count: 1 })
    expect(plain(items.get(1))).toStrictEqual({ id: 1, name: 'pen', count: 1 })
  })

  test('[W1] a row that does not round-trip is refused, and not shown', async () => {
    let parsed = 0
    const odd = createStateSchema({
      things: {
        schema: z.object({
          id: z.string(),
          value: z.unknown(),
          // Another value each time: not even its stored form comes back as it is shown.
          text: z
            .string()
            .transform(() => ++parsed)
            .optional(),
        }),
        type: 'thing',
        primaryKey: 'id',
      },
    })
    const { db, posts } = await openProxied<typeof odd>({ state: odd })
    const { things } = db.collections
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    for (const value of [new Date(), new Map([[1, 2]]), 1n, cyclic, [undefined], Number.NaN]) {
      expect(() => things.insert({ id: 'a', value })).toThrow(
        expect.objectContaining({ code: 'invalid-write' }),
      )
    }
    expect(() => things.insert({ id: 'a', value: 1, text: 'five' })).toThrow(
      expect.objectContaining({ code: 'invalid-write' }),
    )
    expect(things.size).toBe(0)
    expect(db.pendingWrites).toEqual([])
    await things.insert({ id: 'a', value: { deep: [1, { b: undefined }] } }).when('settled')
    expect(posts()).toBe(1)
  })

  test('[W1] a row that the schema refuses is refused before anything is shown', async () => {
    const { db, posts } = await openProxied({ items: [user('u1')] })
    const { users } = db.collections
    const published = publicationsOf(users)
    const refused = expect.objectContaining({ code: 'invalid-write' })
    // Not what the schema takes, on purpose.
    expect(() => users.insert({ id: 'u2', name: 5 as unknown as string })).toThrow(refused)
    expect(() => users.update('u1', (draft) => void (draft.name = 5 as unknown as string))).toThrow(refused)
    expect(() => users.insert({ id: 'u1', name: 'again' })).toThrow(refused)
    expect(() => users.update('nobody', () => undefined)).toThrow(refused)
    expect(() => users.delete('nobody')).toThrow(refused)
    expect(() => users.update('u1', (draft) => void (draft.id = 'u9'))).toThrow(refused)
    expect(published).toEqual([])
    expect(rowsOf(users)).toEqual({ u1: { id: 'u1', name: 'name of u1' } })
    expect(posts()).toBe(0)
  })

  test('[W1] an update that changes nothing writes nothing, and is confirmed', async () => {
    const { db, posts } = await openProxied({ items: [user('u1')] })
    const transaction = db.collections.users.update('u1', () => undefined)
    await transaction.when('settled')
    expect(db.writeOf(transaction)?.state.name).toBe('confirmed')
    expect(posts()).toBe(0)
  })

  test('[W1] a write before preload() starts the stream, is shown at once, and is confirmed', async () => {
    const { url } = await openProxied({ items: [user('u1')] })
    const db = createStreamDB({ streamOptions: { url }, state: room })
    onTestFinished(() => db.close())
    const transaction = db.collections.users.insert({ id: 'u2', name: 'early' })
    expect(db.collections.users.get('u2')?.name).toBe('early')
    await transaction.when('settled')
    expect([...db.collections.users.keys()].sort()).toEqual(['u1', 'u2'])
  })
})

describe('writes in flight', () => {
  test('[W3][F-write-1] remote rows keep arriving, and the confirmed row replaces the overlay in one change', async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: [user('u1'), user('u2')] })
    const { fetch, release } = pausedPosts()
    const db = createStreamDB({ streamOptions: { url, fetch }, state: room })
    onTestFinished(() => db.close())
    await db.preload()
    const { users } = db.collections
    const published = publicationsOf(users)
    const first = users.update('u1', (draft) => void (draft.name = 'mine'))
    const second = users.update('u1', (draft) => void (draft.name += ' again'))
    for (let round = 0; round < 20; round++)
      await kit.appendItems(url, [user(`u${round + 3}`), user('u1', `remote ${round}`)])
    await eventually(() => expect(users.has('u22')).toBe(true))
    await kit.appendItems(url, [user('u2', 'changed')])
    await eventually(() => expect(users.get('u2')?.name).toBe('changed'))
    expect(users.get('u1')?.name).toBe('mine again')
    expect([first.state, second.state]).toEqual(['pending', 'pending'])
    release()
    await Promise.all([first, second].map((each) => each.when('settled')))
    expect(plain(users.get('u1'))).toEqual({ id: 'u1', name: 'mine again' })
    // Two as they were made; then the confirmed row replaces the overlay.
    expect(published.filter((changes) => changes.includes('update u1'))).toHaveLength(3)
    expect(published.flat().filter((change) => change.startsWith('delete'))).toEqual([])
  })

  test('[F-write-2] an insert is an insert and then one update, no delete', async () => {
    const { db } = await openProxied()
    const published = publicationsOf(db.collections.users)
    await db.collections.users.insert({ id: 'a', name: 'A' }).when('settled')
    expect(published).toEqual([['insert a'], ['update a']])
  })

  test('[C1] a batch that arrives during a confirmation is never half visible', async () => {
    let live: ScriptedSse | undefined
    let end = 0
    const { db } = await openScripted((request, reply) => {
      if (request.method === 'POST') {
        reply.page({ nextOffset: `${++end}` })
        // The confirmation and the next batch arrive in one piece.
        const next = [message(`m${end}`, `u${end}`, 'text', `t${end}`), user(`u${end}`, 'name', `t${end}`)]
        const events = [request.body, JSON.stringify(next)].map((items) => {
          const control = { streamNextOffset: `${items === request.body ? end : ++end}`, upToDate: true }
          return `event: data\ndata:${items}\n\nevent: control\ndata:${JSON.stringify(control)}\n\n`
        })
        live?.raw(events.join(''))
      } else if (request.live === 'sse') live = reply.sse()
      else reply.page({ nextOffset: '0', upToDate: true })
    })
    await db.preload()
    await eventually(() => expect(live).toBeDefined())
    const { users, messages } = db.collections
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: messages })
        .leftJoin({ user: users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, name: u?.name })),
    )
    await joined.preload()
    const seen: unknown[] = []
    joined.subscribeChanges((changes) => seen.push(...changes.map(({ value }) => value.name)))
    for (let round = 1; round <= 10; round++) {
      await users.insert({ id: `own${round}`, name: 'own' }).when('settled')
      await eventually(() => expect(joined.size).toBe(round))
    }
    expect(seen).not.toContain(undefined)
  })

  test('[W1] a write made by a listener of a collection, of the status or of the writes is a write like any other', async () => {
    const { db, url } = await openProxied()
    const kit = await roomServer()
    const { users, messages } = db.collections
    const settled: Promise<unknown>[] = []
    users.subscribeChanges((changes) => {
      for (const { type, key } of changes) {
        if (type !== 'insert' || !String(key).startsWith('r')) continue
        settled.push(
          messages.insert({ id: `of ${String(key)}`, userId: String(key), text: 'hello' }).when('settled'),
        )
      }
    })
    let once = true
    db.subscribeWrites(() => {
      if (!once) return
      once = false
      settled.push(users.insert({ id: 'w', name: 'by a listener of writes' }).when('settled'))
    })
    await kit.appendItems(url, [user('r1'), user('r2')])
    await eventually(() => expect(settled).toHaveLength(3))
    await Promise.all(settled)
    expect([...messages.keys()].sort()).toEqual(['of r1', 'of r2'])
    expect(users.has('w')).toBe(true)
    expect(await logOf(url)).toHaveLength(5)
  })
})

describe('requests', () => {
  test('successive writes use one connection', async () => {
    await needs('embedded')
    let opened = 0
    const onOpen = (): void => void opened++
    subscribe('undici:client:connected', onOpen)
    const { db } = await openRoom()
    await db.preload()
    for (let each = 0; each < 20; each++) {
      await db.collections.users.insert({ id: `u${each}`, name: 'x' }).when('settled')
    }
    unsubscribe('undici:client:connected', onOpen)
    // One that is live, one that writes, and the first reads and the stream's creation may have had one each.
    expect(opened).toBeGreaterThan(1)
    expect(opened).toBeLessThanOrEqual(4)
  })

  test('[W1] a write that a listener rolls back at once is not sent', async () => {
    const { db, posts } = await openProxied()
    const end = db.subscribeWrites(() => db.pendingWrites[0]?.transaction.rollback())
    const write = db.collections.users.insert({ id: 'a', name: 'A' })
    await expect(write.when('settled')).rejects.toBeUndefined()
    end()
    expect(db.writeOf(write)?.state).toMatchObject({ name: 'failed', error: { code: 'rolled-back' } })
    expect(db.collections.users.size).toBe(0)
    await db.collections.users.insert({ id: 'b', name: 'B' }).when('settled')
    expect(posts()).toBe(1)
  })

  test('a lone write is sent in the same macrotask or the next', async () => {
    const { db, posts } = await openProxied()
    const transaction = db.collections.users.insert({ id: 'a', name: 'A' })
    await transaction.when('settled')
    expect(posts()).toBe(1)
  })

  test('a hundred writes at once are sent in a few requests', async () => {
    const { db, url, posts } = await openProxied()
    const all = Array.from({ length: 100 }, (_, each) =>
      db.collections.users.insert({ id: `u${each}`, name: 'x' }),
    )
    await Promise.all(all.map((each) => each.when('settled')))
    console.info(`[requests] 100 writes in one go: ${posts()} POST`)
    expect(posts()).toBeLessThanOrEqual(2)
    const before = posts()
    const spread: Promise<unknown>[] = []
    for (let each = 0; each < 100; each++) {
      spread.push(db.collections.users.update(`u${each}`, (draft) => void (draft.name = 'y')).when('settled'))
      if (each % 10 === 0) await new Promise(setImmediate)
    }
    await Promise.all(spread)
    console.info(`[requests] 100 writes over ten turns: ${posts() - before} POST`)
    expect(posts() - before).toBeLessThanOrEqual(25)
    expect(await logOf(url)).toHaveLength(200)
  })
})

describe('live: false', () => {
  test('[W1] writes are confirmed by reading once more, overlapping ones too', async () => {
    const { db, url } = await openProxied<typeof shop>({ state: shop, live: false })
    await eventually(() => expect(db.status).toEqual({ name: 'ended', reason: 'not-live' }))
    const { items } = db.collections
    await items.insert({ id: 1, name: 'a' }).when('settled')
    const settled: Promise<unknown>[] = []
    for (let id = 2; id < 30; id++) {
      settled.push(items.insert({ id, name: 'b' }).when('settled'))
      await new Promise(setImmediate)
    }
    await Promise.all(settled)
    expect(await logOf(url)).toHaveLength(29)
    expect(db.pendingWrites).toEqual([])
    await eventually(() => expect(db.status.name).toBe('ended'))
  })
})

test('[W1] commit() and mutate() of a transaction under way are refused', async () => {
  const { db } = await openRoom()
  await db.preload()
  const transaction = db.collections.users.insert({ id: 'u1', name: 'Ada' })
  const refused = expect.objectContaining({ code: 'invalid-write' }) as Error
  expect(() => void transaction.commit()).toThrow(refused)
  expect(() => void transaction.mutate(() => undefined)).toThrow(refused)
  await transaction.when('settled')
  expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
})

test("another database's collection is not written by this one's transaction", async () => {
  const { db: one } = await openRoom()
  const { db: two } = await openRoom()
  await Promise.all([one.preload(), two.preload()])
  const both = () => {
    one.collections.users.insert({ id: 'u1', name: 'Ada' })
    two.collections.users.insert({ id: 'u2', name: 'Grace' })
  }
  expect(() => one.transact(both)).toThrow(expect.objectContaining({ code: 'invalid-write' }) as Error)
  expect([one.collections.users.size, two.collections.users.size]).toEqual([0, 0])
})

describe('rows that JSON does not hold', () => {
  const loose = createStateSchema({
    things: {
      schema: z.object({ id: z.string(), value: z.unknown(), at: z.date().optional() }),
      type: 'thing',
      primaryKey: 'id',
    },
  })

  const cyclic: { deep: { self?: unknown } } = { deep: {} }
  cyclic.deep.self = cyclic

  test.each<[string, object, RegExp]>([
    ['NaN', { value: { list: [1, Number.NaN] } }, /\/value\/list\/1 is NaN, which JSON holds as null/],
    ['a Map', { value: { tags: new Map() } }, /\/value\/tags is a Map, which JSON does not hold/],
    ['a BigInt', { value: [1n] }, /\/value\/0 is a BigInt/],
    ['a hole', { value: [undefined] }, /\/value\/0 is undefined/],
    ['a part of itself', { value: cyclic }, /\/value\/deep\/self is part of itself/],
    ['z.date()', { at: new Date(0) }, /\/at is a Date, .* as z\.coerce\.date\(\) does/],
  ])('[F-real-40] %s is refused with its field, and what to do', async (_what, fields, message) => {
    const { db } = await openProxied<typeof loose>({ state: loose })
    expect(() => db.collections.things.insert({ id: 'a', value: 1, ...fields })).toThrow(message)
    expect(db.collections.things.size).toBe(0)
  })

  test('[F-real-72] -0 is shown as it will come back', async () => {
    const { db } = await openProxied<typeof loose>({ state: loose })
    const { things } = db.collections
    const shown: unknown[] = []
    things.subscribeChanges((changes) => shown.push(...changes.map(({ value }) => value.value)))
    await things.insert({ id: 'a', value: { list: [-0], at: -0 } }).when('settled')
    await things.update('a', (draft) => void (draft.value = -0)).when('settled')
    expect(shown.every((value) => Object.is(value, 0) || !Object.is((value as { at?: number }).at, -0))).toBe(
      true,
    )
    expect(things.get('a')?.value).toBe(0)
  })
})

test('[F-real-18] a row deleted and inserted again over an own pending update is written, and stands', async () => {
  const { db, url } = await openProxied({ items: [user('u1', 'old')] })
  const { users } = db.collections
  const update = users.update('u1', (draft) => void (draft.name = 'pending'))
  const again = db.transact(() => {
    users.delete('u1')
    // As the log has it: TanStack would take it for nothing.
    users.insert({ id: 'u1', name: 'old' })
  })
  expect(users.get('u1')?.name).toBe('old')
  await Promise.all([update, again].map((each) => each.when('settled')))
  expect(plain(users.get('u1'))).toEqual({ id: 'u1', name: 'old' })
  expect((await logOf(url)).at(-1)).toMatchObject({
    value: { name: 'old' },
    old_value: { name: 'pending' },
    headers: { operation: 'update' },
  })
})

test('[F-real-14] a paced mutation whose mutationFn writes the same value by transact is stored', async () => {
  const { db, url } = await openProxied({ items: [user('u1', 'old')] })
  const { users } = db.collections
  const rename = (): void => void users.update('u1', (draft) => void (draft.name = 'new'))
  // What createPacedMutations makes of each call.
  const paced = createTransaction({
    mutationFn: async () => void (await db.transact(rename).when('settled')),
  })
  paced.mutate(rename)
  await paced.when('settled')
  expect(plain(users.get('u1'))).toEqual({ id: 'u1', name: 'new' })
  expect((await logOf(url)).at(-1)).toMatchObject({
    value: { name: 'new' },
    old_value: { name: 'old' },
    headers: { operation: 'update' },
  })
})
