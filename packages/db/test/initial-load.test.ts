import { eventually, gate, startScriptedServer } from '@streamdb/testkit'
import {
  message,
  openRoom,
  openScripted,
  plain,
  publicationsOf,
  quick,
  room,
  user,
} from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { createLiveQueryCollection, createStreamDB, dehydrate, eq } from '../src/index.ts'
import type { CreateStreamDBOptions, StreamDB } from '../src/index.ts'
import { BasicIndex } from '@tanstack/db'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** So many messages and users that they are put into the collections by slices, between which the event loop turns. */
const many = 5000
const rows = Array.from({ length: many }, (_, n) => [message(`m${n}`, `u${n}`), user(`u${n}`)]).flat()

/** Opens the room on rows that are there, and waits for so many turns of the event loop after the last has come. */
async function openMiddle(
  turns: number,
  options: Partial<CreateStreamDBOptions<Room>> = {},
): Promise<{ db: StreamDB<Room>; loaded: Promise<void>; publications: string[][] }> {
  const come = gate()
  const db = createStreamDB({
    streamOptions: { url: await (full ??= openRoom(rows).then(({ url }) => url)) },
    state: room,
    onBeforeBatch: ({ upToDate }) => upToDate && come.open(),
    ...options,
  })
  onTestFinished(() => db.close())
  const publications = publicationsOf(db.collections.messages)
  const loaded = db.preload()
  await come.opened
  for (let n = 0; n < turns; n++) await turn()
  return { db, loaded, publications }
}

/** Opens the room on rows that are there, and does not wait for them: `before` it is started, or `at once` after. */
async function openStarting(when: 'before' | 'at once') {
  const db = createStreamDB({
    streamOptions: { url: await (full ??= openRoom(rows).then(({ url }) => url)) },
    state: room,
  })
  onTestFinished(() => db.close())
  if (when === 'before') db.collections.users.startSyncImmediate()
  return { db, loaded: db.preload() }
}

let full: Promise<string> | undefined

/** Every way to look at a collection; each says how many rows it saw, or whether it saw any. */
const looks: Record<string, (messages: StreamDB<Room>['collections']['messages']) => number> = {
  size: (messages) => messages.size,
  get: (messages) => (messages.get(`m${many - 1}`) ? many : 0),
  has: (messages) => (messages.has('m7') ? many : 0),
  keys: (messages) => [...messages.keys()].length,
  values: (messages) => [...messages.values()].length,
  entries: (messages) => [...messages.entries()].length,
  iteration: (messages) => [...messages].length,
  map: (messages) => messages.map((row) => row).length,
  forEach: (messages) => {
    let count = 0
    messages.forEach(() => count++)
    return count
  },
  state: (messages) => messages.state.size,
  toArray: (messages) => messages.toArray.length,
  currentStateAsChanges: (messages) => messages.currentStateAsChanges()?.length ?? 0,
  subscribeChanges: (messages) => {
    let count = 0
    messages.subscribeChanges((changes) => void (count += changes.length), { includeInitialState: true })
    return count
  },
  'a live query': (messages) => {
    const live = createLiveQueryCollection({
      query: (q) => q.from({ message: messages }).where(({ message: m }) => eq(m.likes, 0)),
      startSync: true,
    })
    live.subscribeChanges(() => undefined)
    return live.size
  },
}

describe('the first load', () => {
  test('[C1] a read while rows are applied sees all of them, in every collection, or none', async () => {
    const seen = { before: 0, middle: 0, after: 0 }
    const cases = fc.asyncProperty(
      fc.constantFrom(...Object.keys(looks)),
      fc.nat({ max: 15 }),
      async (way, turns) => {
        const { db, loaded, publications } = await openMiddle(turns)
        try {
          const isLive = db.status.name === 'live'
          const found = looks[way]?.(db.collections.messages) ?? -1
          const users = db.collections.users.size
          expect([0, many]).toContain(found)
          expect(users).toBe(found)
          seen[isLive ? 'after' : found === many ? 'middle' : 'before']++
          await loaded
          expect([db.collections.messages.size, db.collections.users.size]).toEqual([many, many])
          expect(publications.map((keys) => keys.length)).toEqual([many])
        } finally {
          db.close()
        }
      },
    )
    await fc.assert(cases, { numRuns: 30 })
    console.info(`[first load] seen: ${JSON.stringify(seen)}`)
    expect(seen.middle).toBeGreaterThan(0)
  }, 60_000)

  test('[C1] a listener added while rows are applied gets each row once, and never a part of the load', async () => {
    const { db, loaded } = await openMiddle(2)
    const publications = publicationsOf(db.collections.messages)
    const there = db.collections.messages.size
    await loaded
    await turn()
    const inserted = publications.flat().length
    expect([there, inserted]).toEqual(there === 0 ? [0, many] : [many, 0])
    expect(publications.length).toBeLessThanOrEqual(1)
  })

  test('[W1] a write while rows are applied is checked against all rows, and stays on top', async () => {
    const { db, loaded } = await openMiddle(2)
    db.collections.messages.update('m4999', (draft) => void (draft.text = 'mine'))
    expect(db.collections.messages.get('m4999')?.text).toBe('mine')
    await loaded
    expect(db.collections.messages.size).toBe(many)
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(db.collections.messages.get('m4999')?.text).toBe('mine')
  })

  test('[L1] closed while rows are applied: no part stays or is published, read or not', async () => {
    let middle = 0
    const cases = fc.asyncProperty(fc.nat({ max: 12 }), fc.boolean(), async (turns, isLookedAt) => {
      const { db, loaded, publications } = await openMiddle(turns)
      const outcome = loaded.then(
        () => 'loaded',
        (error: unknown) => Reflect.get(Object(error), 'code') as unknown,
      )
      if (isLookedAt) expect([0, many]).toContain(db.collections.messages.size)
      const isLive = db.status.name === 'live'
      if (!isLive) middle++
      db.close()
      const told = publications.flat().length
      const sizes = [db.collections.messages.size, db.collections.users.size]
      expect([await outcome, told, ...sizes]).toEqual(
        isLive ? ['loaded', many, many, many] : ['closed', 0, 0, 0],
      )
      await turn()
      expect([publications.flat().length, db.status.name]).toEqual([told, 'closed'])
    })
    await fc.assert(cases, { numRuns: 20 })
    expect(middle).toBeGreaterThan(0)
  }, 60_000)

  test('[L4] a collection that is cleaned up while rows are applied, and read again, gets all rows', async () => {
    const { db } = await openMiddle(2)
    await db.collections.users.cleanup()
    await db.collections.users.preload()
    await eventually(() =>
      expect([db.collections.messages.size, db.collections.users.size]).toEqual([many, many]),
    )
    expect(plain(db.collections.users.get('u5'))).toEqual({ id: 'u5', name: 'name of u5' })
  })

  test.each(['preload', 'subscribeChanges', 'a live query'])(
    '[F-real-58] a collection that is cleaned up at any time of the first load, and read again by %s, gets all rows',
    async (way) => {
      for (const when of ['before', 'at once', 'middle'] as const) {
        for (let turns = 0; turns < (when === 'middle' ? 12 : 1); turns += 5) {
          const { db, loaded } = when === 'middle' ? await openMiddle(turns) : await openStarting(when)
          const { users, messages } = db.collections
          void loaded.catch(() => undefined)
          await users.cleanup()
          if (way === 'preload') void users.preload()
          else if (way === 'subscribeChanges') users.subscribeChanges(() => undefined)
          else void createLiveQueryCollection((q) => q.from({ user: users })).preload()
          await eventually(
            () =>
              expect([users.size, messages.size, users.status, db.status.name]).toEqual([
                many,
                many,
                'ready',
                'live',
              ]),
            { timeout: 10_000 },
          )
          expect(plain(users.get('u5'))).toEqual({ id: 'u5', name: 'name of u5' })
          db.close()
        }
      }
    },
    60_000,
  )

  test('[F-net-2] [M6] a large response cut in the middle resumes where it broke: every event is ingested once', async () => {
    const log = Array.from({ length: 6000 }, (_, n) =>
      message(`m${n % 4000}`, 'u1', `${n} ${'-'.repeat(100)}`),
    )
    const body = JSON.stringify(log)
    let answers = 0
    const script = await startScriptedServer((request, reply) => {
      if (request.live !== undefined) return void reply.sse().control({ nextOffset: '1' })
      if (answers++ >= 3) return reply.page({ body, nextOffset: '1', upToDate: true })
      // Part of it, less of it than the first time, more of it.
      const end = [0.6, 0.3, 0.9][answers - 1] ?? 1
      reply.response.writeHead(200, {
        'content-type': 'application/json',
        'stream-next-offset': '1',
        'content-length': body.length,
      })
      reply.response.write(body.slice(0, Math.floor(body.length * end)), () => reply.destroy('fin'))
    })
    onTestFinished(() => script.close())
    const texts: string[] = []
    const db = createStreamDB({
      streamOptions: { url: `${script.url}/stream` },
      state: room,
      retry: quick,
      onEvent: ({ value }) => texts.push(String(Reflect.get(Object(value), 'text'))),
    })
    onTestFinished(() => db.close())
    await db.preload()
    expect(answers).toBe(4)
    expect(texts.map((text) => parseInt(text))).toEqual(log.map((_, n) => n))
    expect(db.collections.messages.size).toBe(4000)
    expect(db.collections.messages.get('m1')?.text).toMatch(/^4001 /)
  })

  test('[M5] [M4] a large response with a reset and snapshots in it ends at the same state as in one piece', async () => {
    const filler = (from: number): unknown[] =>
      Array.from({ length: 1500 }, (_, n) => message(`m${from + n}`, 'u1', '-'.repeat(150)))
    const control = (name: string): unknown => ({ headers: { control: name } })
    const log = [
      ...filler(0),
      control('reset'),
      ...filler(5000),
      control('snapshot-start'),
      ...filler(7000),
      user('u9'),
    ]
    const { db } = await openScripted((request, reply) => {
      if (request.live !== undefined) {
        const sse = reply.sse()
        return void sse.data([control('snapshot-end'), user('u1')]).control({ nextOffset: '2' })
      }
      reply.page({ items: log, nextOffset: '1', upToDate: true })
    })
    const batches: string[] = []
    db.collections.messages.subscribeChanges(() => undefined)
    await db.preload()
    db.subscribeStatus(({ name }) => batches.push(name))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    const keys = [...db.collections.messages.keys()].map((key) => Number(String(key).slice(1)))
    expect(keys.length).toBe(1500)
    expect(Math.min(...keys)).toBe(7000)
  })

  test.each(['deleted and made anew', 'made anew behind our back', 'cut shorter'])(
    '[F-net-5] [F-net-2] a stream that is %s after a part of it was read: nothing of the old stream stays',
    async (how) => {
      const log = (name: string, count: number): unknown[] =>
        Array.from({ length: count }, (_, n) => message(`${name}${n}`, 'u1', '-'.repeat(200)))
      const old = JSON.stringify(log('old', 6000))
      const next = how === 'cut shorter' ? log('old', 1000) : log('new', 4000)
      let answers = 0
      const { db } = await openScripted(
        (request, reply) => {
          if (request.live !== undefined) return void reply.sse().control({ nextOffset: '1' })
          answers++
          if (answers === 2 && how === 'deleted and made anew') return reply.status(404)
          if (answers > 1) return reply.page({ items: next, nextOffset: '1', upToDate: true })
          reply.response.writeHead(200, { 'content-type': 'application/json', 'stream-next-offset': '1' })
          reply.response.write(old.slice(0, old.length * 0.7), () => reply.destroy('fin'))
        },
        { onMissing: 'wait' },
      )
      await db.preload()
      expect(db.collections.messages.size).toBe(next.length)
      expect(new Set([...db.collections.messages.keys()].map((key) => String(key).slice(0, 3)))).toEqual(
        new Set([how === 'cut shorter' ? 'old' : 'new']),
      )
    },
  )

  test('[F-net-2] observers get each event of a large response once, though it was cut', async () => {
    const log = Array.from({ length: 6000 }, (_, n) => message(`m${n}`, 'u1', '-'.repeat(200)))
    const body = JSON.stringify(log)
    let answers = 0
    const heard: unknown[] = []
    const before: unknown[] = []
    const bytes: (readonly [number, number | undefined])[] = []
    const { db } = await openScripted(
      (request, reply) => {
        if (request.live !== undefined) return void reply.sse().control({ nextOffset: '1' })
        if (answers++ > 0) return reply.page({ body, nextOffset: '1', upToDate: true })
        reply.response.writeHead(200, { 'content-type': 'application/json', 'stream-next-offset': '1' })
        reply.response.write(body.slice(0, body.length * 0.7), () => reply.destroy('fin'))
      },
      { onBatch: ({ items }) => heard.push(...items), onBeforeBatch: ({ items }) => before.push(...items) },
    )
    db.subscribeStatus((status) => {
      if (status.name === 'catching-up') bytes.push([status.progress.bytes, status.progress.totalBytes])
    })
    await db.preload()
    expect([heard.length, before.length]).toEqual([log.length, log.length])
    expect(heard).toEqual(log)
    for (const [read, of] of bytes) expect(read).toBeLessThanOrEqual(of ?? Infinity)
  })

  test('[F-mat-4] events that a large response repeats, by a server that stamps, are applied once', async () => {
    const stamped = (n: number): unknown => ({
      ...Object(user(n < 10 ? 'a' : `u${n}`, `${n} ${'-'.repeat(400)}`)),
      headers: { operation: 'upsert', offset: String(n + 1).padStart(6, '0') },
    })
    const log = Array.from({ length: 4000 }, (_, n) => stamped(n === 1500 ? 9 : n))
    log.splice(3000, 0, ...Array.from({ length: 8 }, (_, n) => stamped(n)))
    const { db } = await openScripted((request, reply) => {
      if (request.live !== undefined) return void reply.sse().control({ nextOffset: '004000' })
      reply.page({ items: log, nextOffset: '004000', upToDate: true })
    })
    await db.preload()
    expect(db.collections.users.get('a')?.name).toMatch(/^9 /)
  })

  test('[F-event-9] a row that an index of the application refuses stops no other row', async () => {
    const errors: string[] = []
    const { db } = await openRoom(rows, { onError: (error) => errors.push(error.message) })
    // The collection whose sync begins first is the first to be given rows.
    db.collections.users.startSyncImmediate()
    db.collections.users.createIndex((row) => row.name, { indexType: Throwing })
    await db.preload()
    expect(db.collections.messages.size).toBe(many)
    expect(db.status.name).toBe('live')
    expect(errors).toEqual([expect.stringContaining('no such row')])
  })

  test('[C1] subscribed after a read in a load that was dropped: the next load is one publication', async () => {
    const { db } = await openMiddle(2)
    const there = db.collections.users.size
    const publications = publicationsOf(db.collections.messages)
    expect(there).toBe(many)
    expect(db.status.name).not.toBe('live')
    void db.collections.users.cleanup()
    db.collections.users.subscribeChanges(() => undefined)
    await eventually(() => expect(db.status.name).toBe('live'), { timeout: 10_000 })
    expect([db.collections.messages.size, db.collections.users.size]).toEqual([many, many])
    // What was there is gone, and then all is there again; what is loaded on demand is not dropped.
    const changes = process.env['SYNC_MODE'] === 'on-demand' ? [] : [many, many]
    expect(publications.map((keys) => keys.length)).toEqual(changes)
  }, 20_000)

  test('[W1] a write during a load that is dropped stays visible to listeners', async () => {
    const { url } = await openRoom(rows)
    const { db } = await openMiddle(2, { streamOptions: { url } })
    const heard: string[] = []
    db.collections.messages.subscribeChanges((changes) => {
      for (const { type, key } of changes) if (key === 'mine') heard.push(type)
    })
    void db.collections.users.cleanup()
    db.collections.messages.insert({ id: 'mine', userId: 'u1', text: 'mine' })
    db.collections.users.subscribeChanges(() => undefined)
    expect(db.collections.messages.has('mine')).toBe(true)
    await eventually(() => expect(heard[0]).toBe('insert'))
    await eventually(() => expect(db.pendingWrites).toEqual([]), { timeout: 10_000 })
    const count = (type: string): number => heard.filter((each) => each === type).length
    expect(count('insert') - count('delete')).toBe(1)
  }, 20_000)

  test('rows that are read before they are published are not dehydrated', async () => {
    const { db, loaded } = await openMiddle(2)
    expect(db.status.name).not.toBe('live')
    expect(() => dehydrate(db)).toThrow(/first load/)
    await loaded
    expect(dehydrate(db).items).toHaveLength(2 * many)
  })
})

/** An index that refuses every row. */
class Throwing extends BasicIndex<string> {
  override add(): never {
    throw new Error('no such row')
  }
}
