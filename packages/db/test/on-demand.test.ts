import { length } from '@tanstack/db'
import { createManualLog, eventually, startStreamServer } from '@streamdb/testkit'
import { control, message, openRoom, plain, publicationsOf, quick, room, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  createLiveQueryCollection,
  createStateSchema,
  createStreamDB,
  dehydrate,
  eq,
  gt,
  keepInsertionOrder,
  logRows,
} from '../src/index.ts'
import type { StreamDB } from '../src/index.ts'

const syncMode = 'on-demand'
const items = Array.from({ length: 100 }, (_, n) => [
  user(`u${n}`, `name ${n}`),
  message(`m${n}`, `u${n % 10}`, `text ${n}`),
]).flat()

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id)

function ofUser({ collections: { messages } }: StreamDB<typeof room>, id: string) {
  return createLiveQueryCollection((q) => q.from({ m: messages }).where(({ m }) => eq(m.userId, id)))
}

function newest({ collections: { messages } }: StreamDB<typeof room>, limit: number) {
  return createLiveQueryCollection((q) =>
    q
      .from({ m: messages })
      .orderBy(({ m }) => m.id, 'desc')
      .limit(limit),
  )
}

describe('[D1] what is loaded', () => {
  test('[D1] nothing before a query asks; then its rows; nothing when the last query is gone', async () => {
    const { db, append } = await openRoom(items, { syncMode })
    await db.preload()
    const { users, messages } = db.collections
    expect([users.size, messages.size]).toEqual([0, 0])
    const queries = [ofUser(db, 'u3'), ofUser(db, 'u3'), ofUser(db, 'u4')]
    for (const each of queries) await each.preload()
    expect([...queries.map(({ size }) => size), messages.size]).toEqual([10, 10, 10, 20])
    await append(message('new', 'u3', 'hi'))
    await eventually(() => expect(queries[0]?.size).toBe(11))
    await append(message('new', 'u5', 'moved to a user whom nobody asked for'))
    await eventually(() => expect(queries[0]?.size).toBe(10))
    expect(messages.size).toBe(20)
    await queries[0]?.cleanup()
    expect(messages.size).toBe(20)
    await queries[1]?.cleanup()
    expect(messages.size).toBe(10)
    await queries[2]?.cleanup()
    expect(messages.size).toBe(0)
  })

  test('[D1] of a window the rows in it, and of a joined collection those of its keys', async () => {
    const { db } = await openRoom(items, { syncMode })
    await db.preload()
    const { users, messages } = db.collections
    const window = createLiveQueryCollection((q) =>
      q
        .from({ m: messages })
        .leftJoin({ u: users }, ({ m, u }) => eq(m.userId, u.id))
        .orderBy(({ m }) => m.id, 'desc')
        .limit(3)
        .select(({ m, u }) => ({ id: m.id, name: u?.name })),
    )
    await window.preload()
    expect(window.toArray.map(plain)).toEqual([
      { id: 'm99', name: 'name 9' },
      { id: 'm98', name: 'name 8' },
      { id: 'm97', name: 'name 7' },
    ])
    expect([messages.size, users.size]).toEqual([3, 3])
  })

  test('[D1] one collection on demand, another one eager', async () => {
    const { db, append } = await openRoom(items, { syncMode: { messages: 'on-demand' } })
    await db.preload()
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([100, 0])
    const live = ofUser(db, 'u3')
    await live.preload()
    await append(control('reset'), user('u3'), message('m1', 'u3'))
    await eventually(() => expect(live.size).toBe(1))
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([1, 1])
  })

  test('[D1] options that mean nothing are refused', () => {
    const given = { streamOptions: { url: 'http://stream.test/x' }, state: room }
    const create = (mode: unknown) => () => createStreamDB({ ...given, syncMode: mode as 'eager' })
    expect(create('lazy')).toThrow('options.syncMode')
    expect(create({ messages: 'lazy' })).toThrow('options.syncMode.messages')
    expect(create({ message: 'on-demand' })).toThrow('a name in options.syncMode')
  })
})

describe('[D3] publications', () => {
  test('[D3] [C1] the row that moves up in a window comes with the delete, in one publication', async () => {
    const { db, append } = await openRoom(items, { syncMode })
    await db.preload()
    const live = newest(db, 3)
    const publications = publicationsOf(live)
    const seen: string[][] = []
    live.subscribeChanges(() => seen.push(idsOf(live.toArray)))
    await live.preload()
    const before = publications.length
    await append(room.messages.delete({ key: 'm98' }))
    await eventually(() => expect(publications.length).toBeGreaterThan(before))
    expect(publications).toHaveLength(before + 1)
    expect(seen.at(-1)).toEqual(['m99', 'm97', 'm96'])
  })

  test('[D3] [C1] a new row and the row that it is joined with enter together', async () => {
    const { db, append } = await openRoom(items, { syncMode })
    await db.preload()
    const { users, messages } = db.collections
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ m: messages })
        .where(({ m }) => eq(m.userId, 'new'))
        .leftJoin({ u: users }, ({ m, u }) => eq(m.userId, u.id))
        .select(({ m, u }) => ({ id: m.id, name: u?.name })),
    )
    await joined.preload()
    const names: unknown[] = []
    joined.subscribeChanges((changes) => names.push(...changes.map(({ value }) => value.name)))
    await append(message('mine', 'new', 'hi', 'tx-1'), user('new', 'Ada', 'tx-1'))
    await db.utils.awaitTxId('tx-1')
    expect(names).toEqual(['Ada'])
  })
})

test('[D3] [C1] a new row that is joined with others of its own collection comes with all of them, in one publication', async () => {
  const { db, append } = await openRoom([message('m1', 'u1', 'old')], { syncMode })
  await db.preload()
  const { messages } = db.collections
  const joined = createLiveQueryCollection((q) =>
    q
      .from({ m: messages })
      .where(({ m }) => eq(m.text, 'new'))
      .leftJoin({ other: messages }, ({ m, other }) => eq(m.userId, other.userId))
      .select(({ m, other }) => ({ id: m.id, other: other?.id })),
  )
  await joined.preload()
  const publications: unknown[] = []
  joined.subscribeChanges(() => publications.push(joined.toArray.map(({ other }) => other).sort()))
  await append(message('m2', 'u1', 'new'))
  await eventually(() => expect(joined.size).toBe(2))
  expect(publications).toEqual([['m1', 'm2']])
})

describe('[D4] answers', () => {
  test('[D4] a query over rows that are in memory is ready at once', async () => {
    const { db } = await openRoom(items, { syncMode })
    await db.preload()
    const filtered = ofUser(db, 'u3')
    filtered.subscribeChanges(() => undefined)
    expect([filtered.status, filtered.size]).toEqual(['ready', 10])
    const window = newest(db, 3)
    window.subscribeChanges(() => undefined)
    // TanStack 0.14 ends every ordered request a turn later.
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect([window.status, window.size]).toEqual(['ready', 3])
  })

  test('[D4] one that is made before the first load waits for it', async () => {
    const { db } = await openRoom(items, { syncMode })
    const live = ofUser(db, 'u3')
    const loaded = live.preload()
    expect([live.status, live.size]).toEqual(['loading', 0])
    await loaded
    expect([live.status, live.size]).toEqual(['ready', 10])
  })
})

test('[D1] a window that is started and has no listener yet loads no rows; then those in it, and never all', async () => {
  const { db } = await openRoom(items, { syncMode })
  await db.preload()
  const { messages } = db.collections
  for (const stringSort of ['lexical', 'locale'] as const) {
    const window = createLiveQueryCollection({
      startSync: true,
      query: (q) =>
        q
          .from({ m: messages })
          .orderBy(({ m }) => m.text, { direction: 'desc', stringSort })
          .limit(3),
    })
    expect(messages.size).toBe(0)
    await window.preload()
    expect([window.size, messages.size]).toEqual([3, 3])
    await window.cleanup()
  }
})

describe('[D5] what cannot be known', () => {
  test('[D5] a field that TanStack adds, computed conditions and orders', async () => {
    const { db } = await openRoom(items, { syncMode })
    await db.preload()
    const { messages } = db.collections
    const confirmed = createLiveQueryCollection((q) =>
      q.from({ m: messages }).where(({ m }) => eq(m.$hasPendingWrites, false)),
    )
    const computed = createLiveQueryCollection((q) =>
      q.from({ m: messages }).where(({ m }) => eq(length(m.text), 6)),
    )
    const byComputed = createLiveQueryCollection((q) =>
      q
        .from({ m: messages })
        .orderBy(({ m }) => length(m.text), 'desc')
        .limit(2),
    )
    for (const each of [confirmed, computed, byComputed]) await each.preload()
    expect([confirmed.size, computed.size, idsOf(byComputed.toArray)]).toEqual([100, 10, ['m10', 'm11']])
  })

  test('[D5] values of several kinds in the field of an order, and dates', async () => {
    const log = createManualLog()
    const state = createStateSchema({
      rows: { schema: z.object({ id: z.string(), at: z.any() }), type: 'row', primaryKey: 'id' },
    })
    const at = [3, 'b', null, 1, new Date(5), { deep: 1 }, 'a', 2, [1], new Date(4)]
    const dbs = (['eager', 'on-demand'] as const).map((mode) =>
      createStreamDB({
        streamOptions: { url: 'http://streamdb.test/rows', fetch: log.fetch, warnOnHttp: false },
        state,
        live: false,
        syncMode: mode,
      }),
    )
    log.append(at.map((each, n) => state.rows.upsert({ value: { id: `r${n}`, at: each } })) as never[])
    const results = dbs.map(async (db) => {
      onTestFinished(() => db.close())
      await db.preload()
      const numbers = createLiveQueryCollection((q) =>
        q.from({ row: db.collections.rows }).where(({ row }) => gt(row.at, 1)),
      )
      const all = createLiveQueryCollection((q) =>
        q
          .from({ row: db.collections.rows })
          .orderBy(({ row }) => row.id)
          .limit(20),
      )
      await Promise.all([numbers.preload(), all.preload()])
      return [idsOf(numbers.toArray).sort(), idsOf(all.toArray)]
    })
    const [eager, onDemand] = await Promise.all(results)
    expect(onDemand).toEqual(eager)
  })
})

describe('[D6] writes', () => {
  async function open() {
    const log = createManualLog()
    log.append(items.filter((each) => 'type' in (each as object)) as never[])
    const db = createStreamDB({
      streamOptions: { url: 'http://streamdb.test/room', fetch: log.fetch, warnOnHttp: false },
      state: room,
      live: 'long-poll',
      retry: quick,
      history: true,
      syncMode,
    })
    onTestFinished(() => db.close())
    await db.preload()
    return { db, log, users: db.collections.users }
  }
  type Opened = Awaited<ReturnType<typeof open>>

  const store = async ({ log }: Opened): Promise<void> => {
    await eventually(() => expect(log.waiting).toBe(1))
    log.decide('store')
  }

  test('[D6] an update of a row that is not loaded shows it, and it leaves when the write is confirmed', async () => {
    const opened = await open()
    const { users, db } = opened
    const update = users.update('u7', (draft) => void (draft.name = 'Ada'))
    expect([users.size, users.get('u7')?.name]).toEqual([1, 'Ada'])
    await store(opened)
    await update.when('settled')
    await eventually(() => expect(users.size).toBe(0))
    expect(logRows(users).get('u7')).toEqual({ id: 'u7', name: 'Ada' })
    expect(db.status.name).toBe('live')
  })

  test('[D6] a delete, and one that is refused', async () => {
    const opened = await open()
    const { users, log } = opened
    const refused = users.delete('u7')
    expect(users.has('u7')).toBe(false)
    await eventually(() => expect(log.waiting).toBe(1))
    log.decide('refuse')
    await expect(refused.when('settled')).rejects.toThrow()
    const stored = users.delete('u7')
    await store(opened)
    await stored.when('settled')
    expect(logRows(users).has('u7')).toBe(false)
  })

  test('[D6] [F-real-13] updates of rows that are not loaded, one by one in a transaction, look at no other', async () => {
    const { users, db } = await open()
    const shown = (users as unknown as { _state: { optimisticUpserts: Map<string, object> } })._state
      .optimisticUpserts // a part of TanStack's
    let puts = 0
    shown.set = (...entry) => {
      puts++
      return Map.prototype.set.apply(shown, entry) as typeof shown // itself
    }
    db.transact(() => {
      for (let n = 0; n < 50; n++) users.update(`u${n}`, (draft) => void (draft.name = 'Ada'))
    })
      .when('settled')
      .catch(() => undefined) // not decided
    expect([users.size, puts]).toEqual([50, 50])
  })

  test('[D6] an insert of a key that exists is refused, as in an eager collection', async () => {
    const { users } = await open()
    expect(() => users.insert({ id: 'u7', name: 'again' })).toThrow('Cannot insert into "users"')
    expect(() => users.update('u100', () => undefined)).toThrow('the collection has no such row')
    expect(users.size).toBe(0)
  })

  test('[D6] [W1] an insert that a query shows stays where it is when it is confirmed', async () => {
    const opened = await open()
    const { users } = opened
    const live = createLiveQueryCollection((q) => q.from({ u: users }).where(({ u }) => eq(u.name, 'Ada')))
    await live.preload()
    const kinds: string[] = []
    live.subscribeChanges((changes) => kinds.push(...changes.map(({ type }) => type)))
    const insert = users.insert({ id: 'new', name: 'Ada' })
    expect(live.size).toBe(1)
    await store(opened)
    await insert.when('settled')
    await new Promise((resolve) => setImmediate(resolve))
    expect([live.size, users.size]).toEqual([1, 1])
    expect(kinds).not.toContain('delete')
  })

  test('[D6] [D8] [F-real-63] undo of a write whose row is not loaded any more', async () => {
    const opened = await open()
    const { users, db } = opened
    const update = users.update('u7', (draft) => void (draft.name = 'Ada'))
    await store(opened)
    await update.when('settled')
    await eventually(() => expect(users.size).toBe(0))
    const { transaction, skipped } = db.history?.undo() ?? {}
    expect(skipped).toEqual([])
    await store(opened)
    await transaction?.when('settled')
    expect(logRows(users).get('u7')).toEqual({ id: 'u7', name: 'name 7' })
  })
})

describe('[D7] [D8] all rows', () => {
  test('[D7] a collection that was cleaned up has its rows, and nothing is read again', async () => {
    const { db, append } = await openRoom(items, { syncMode })
    await db.preload()
    const reasons: unknown[] = []
    db.observe({ onRestart: (reason) => void reasons.push(reason) })
    await db.collections.messages.cleanup()
    await append(message('new', 'u3'))
    await eventually(() => expect(logRows(db.collections.messages).size).toBe(101))
    const live = ofUser(db, 'u3')
    await live.preload()
    expect([live.size, reasons]).toEqual([11, []])
  })

  test('[D8] dehydrating takes all rows, and hydrating loads none', async () => {
    const { db, url } = await openRoom(items, { syncMode })
    await db.preload()
    const stream = dehydrate(db)
    expect(stream.items).toHaveLength(200)
    const { db: other } = await openRoom([], { url, syncMode, hydrate: stream })
    expect([other.collections.users.size, logRows(other.collections.users).size]).toEqual([0, 100])
    const live = ofUser(other, 'u3')
    live.subscribeChanges(() => undefined)
    expect(live.size).toBe(10)
  })

  test('[D8] an insertion order that is kept from later on knows all rows', async () => {
    const { db } = await openRoom(items, { syncMode })
    await db.preload()
    const order = keepInsertionOrder(db)
    const live = newest(db, 1)
    await live.preload()
    const [row] = live.toArray
    expect(row && order.of(row)).toBeLessThan(Infinity)
  })

  test('[D8] logRows of an eager collection', async () => {
    const { db } = await openRoom(items)
    await db.preload()
    expect([logRows(db.collections.users).size, logRows(db.collections.users).get('u1')?.name]).toEqual([
      100,
      'name 1',
    ])
  })
})

test('[D2] [L4] a server that goes and comes: reads on, with the rows that queries need', async () => {
  const kit = await startStreamServer()
  onTestFinished(() => kit.stop())
  const url = await kit.createStream(undefined, { items })
  const db = createStreamDB({ streamOptions: { url }, state: room, syncMode, retry: quick })
  onTestFinished(() => db.close())
  await db.preload()
  const live = ofUser(db, 'u3')
  await live.preload()
  await kit.appendItems(url, [message('a', 'u3'), message('b', 'u4')])
  await eventually(() => expect(live.size).toBe(11))
  expect(db.collections.messages.size).toBe(11)
})

test('[D10] changes that were observed stay as they were, whatever becomes of the rows', async () => {
  const { db, append } = await openRoom([user('u1', 'Ada'), user('u2', 'Grace')], { syncMode })
  const seen: ReadonlyMap<string, unknown>[] = []
  db.observe({ onChanges: ({ rows }) => void seen.push(rows.get('user') ?? new Map()) })
  await db.preload()
  await append(user('u1', 'Lovelace'))
  await eventually(() => expect(logRows(db.collections.users).get('u1')).toMatchObject({ name: 'Lovelace' }))
  expect(seen.map((each) => Object.fromEntries(each))).toEqual([
    { u1: { id: 'u1', name: 'Ada' }, u2: { id: 'u2', name: 'Grace' } },
    { u1: { id: 'u1', name: 'Lovelace' } },
  ])
})
