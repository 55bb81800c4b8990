import { compactStream } from '@streamdb/server'
import { eventually, logOf, needs, rereads, startFaultProxy, unhandledRejections } from '@streamdb/testkit'
import { control, message, quick, room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  createLiveQueryCollection,
  createStateSchema,
  createStreamDB,
  eq,
  keepInsertionOrder,
  logRows,
} from '../src/index.ts'
import type { CreateStreamDBOptions, OlderState, StreamDB } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

/** A long room: users come now and then, messages all the time. */
function history(messages: number): unknown[] {
  const items: unknown[] = []
  for (let index = 0; index < messages; index++) {
    if (index % 40 === 0) items.push(user(`u${index / 40}`))
    items.push(message(`m${String(index).padStart(4, '0')}`, `u${Math.floor(index / 40)}`))
  }
  return items
}

interface LongRoom {
  readonly db: StreamDB<Room>
  readonly url: string
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>
  append(...items: unknown[]): Promise<string>
  /** The keys of the messages that are there. */
  messages(): string[]
}

const on = { rest: 'on-request' } as const

/** Opens a room of so many messages that has a snapshot of pages of ten rows, not loaded yet. */
async function openLong(
  messages: number,
  load: CreateStreamDBOptions['load'],
  options: Partial<CreateStreamDBOptions<Room>> & { readonly behind?: readonly unknown[] } = {},
): Promise<LongRoom> {
  const { behind = [], ...rest } = options
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: history(messages) })
  await compactStream({ source: url, maxBody: 500, pageRows: 10 })
  if (behind.length > 0) await kit.appendItems(url, behind)
  const proxy = await startFaultProxy(kit.url)
  onTestFinished(() => proxy.close())
  const streamOptions = { url: proxy.through(url) }
  const db = createStreamDB({ streamOptions, state: room, retry: quick, load, ...rest })
  onTestFinished(() => db.close())
  return {
    ...{ db, url, proxy },
    append: (...items) => kit.appendItems(url, items),
    messages: () => [...db.collections.messages.keys()].map(String).sort(),
  }
}

/** Opens a room whole, as what it is to be compared with. */
async function wholeRows(url: string): Promise<unknown> {
  const db = createStreamDB({ streamOptions: { url }, state: room, live: false })
  await db.preload()
  const rows = [rowsOf(db.collections.users), rowsOf(db.collections.messages)]
  db.close()
  return rows
}

const rowsIn = ({ collections }: StreamDB<Room>): unknown => [
  rowsOf(collections.users),
  rowsOf(collections.messages),
]
const keys = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `m${String(from + index).padStart(4, '0')}`)

describe('the newest rows first', () => {
  test('[R1] exactly the newest rows are visible when preload() resolves, with every author', async () => {
    const { db, messages } = await openLong(200, { last: 25, of: 'message', ...on })
    expect(db.older).toEqual({ remaining: undefined, loading: false })
    await db.preload()
    expect(messages()).toEqual(keys(175, 200))
    expect(db.collections.users.size).toBe(5)
    expect(db.older).toEqual({ remaining: 175, loading: false })
    expect(db.status).toEqual({ name: 'live', older: { remaining: 175, loading: false } })
    expect(db.issues.total).toBe(0)
  })

  test('[R1] where some of the newest were deleted since, others take their place', async () => {
    const { db, url, append, messages } = await openLong(200, { last: 25, of: 'message', ...on })
    await append(...keys(180, 200).map((key) => room.messages.delete({ key })))
    await db.preload()
    expect(messages()).toEqual(keys(155, 180))
    expect(db.older).toEqual({ remaining: 155, loading: false })
    await append(...keys(155, 180).map((key) => room.messages.delete({ key })))
    const later = createStreamDB({
      ...{ streamOptions: { url }, state: room, syncMode: 'on-demand' },
      load: { last: 60, of: 'message', ...on },
    })
    onTestFinished(() => later.close())
    await later.preload()
    expect([...logRows(later.collections.messages).keys()].sort()).toEqual(keys(95, 155))
  })

  test('[R1] of the others an old one that was updated since does not take a place, and one that was inserted anew does', async () => {
    const put = (key: string): unknown => message(key, 'u0', 'changed')
    const deleted = keys(95, 100).map((key) => room.messages.delete({ key }))
    const { db, messages } = await openLong(
      100,
      { last: 10, of: 'message', ...on },
      { behind: [...keys(0, 10).map(put), ...deleted, ...keys(98, 100).map(put)] },
    )
    await db.preload()
    expect(messages()).toEqual([...keys(0, 10), ...keys(87, 95), ...keys(98, 100)])
    await db.loadOlder({ rows: 100 })
    expect(messages()).toEqual([...keys(0, 95), ...keys(98, 100)])
  })

  test('[R1] [R8] where those cannot be read for a while, nobody waits for them', async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: history(200) })
    await compactStream({ source: url, maxBody: 500, pageRows: 10 })
    const gone = keys(180, 200).map((key) => room.messages.delete({ key }))
    await kit.appendItems(url, gone)
    let isBroken = true
    let isLogRead = false
    const fetch: typeof globalThis.fetch = (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input)
      const isLog = pathname === new URL(url).pathname
      // The log comes behind the pages with the newest rows.
      if (!isLog && isLogRead && isBroken) return Promise.resolve(new Response('', { status: 503 }))
      isLogRead ||= isLog
      return globalThis.fetch(input, init)
    }
    const load = { last: 25, of: 'message', ...on }
    const db = createStreamDB({ streamOptions: { url, fetch }, state: room, load, retry: quick })
    onTestFinished(() => db.close())
    await db.preload()
    expect(db.collections.messages.size).toBe(5)
    isBroken = false
    await eventually(() => expect([...db.collections.messages.keys()].sort()).toEqual(keys(155, 180)))
  })

  test('[R1] only the pages that are needed are read', async () => {
    const { db, proxy } = await openLong(2000, { last: 10, of: 'message', ...on })
    await db.preload()
    const whole = await openLong(2000, undefined, { snapshots: true })
    await whole.db.preload()
    const bytes = (all: LongRoom['proxy']) => all.requests.length
    expect(bytes(proxy)).toBeLessThan(60)
    expect(rowsOf(whole.db.collections.users)).toEqual(rowsOf(db.collections.users))
  })

  test('[R10] types with few rows come by one request, wherever in the log their rows are', async () => {
    const kit = await roomServer()
    // An author in every page.
    const items = history(400).flatMap((item, index) =>
      index % 8 === 0 ? [user(`v${index}`), item] : [item],
    )
    const url = await kit.createStream(undefined, { items })
    const compaction = await compactStream({ source: url, maxBody: 10_000, pageRows: 10 })
    const snapshot = compaction.type === 'written' ? compaction.snapshot : undefined
    expect(snapshot?.few).toEqual({ types: ['user'], rows: 62 })
    const proxy = await startFaultProxy(kit.url)
    onTestFinished(() => proxy.close())
    const load = { last: 15, of: 'message', ...on }
    const db = createStreamDB({ streamOptions: { url: proxy.through(url) }, state: room, load, live: false })
    onTestFinished(() => db.close())
    await db.preload()
    expect(db.collections.messages.size).toBe(15)
    expect(db.older.remaining).toBe(385)
    // The index, the few, the first item, the last pages, the log and its end.
    const log = new URL(url).pathname
    const ofLog = proxy.requests.filter(({ url: { pathname } }) => pathname === log)
    // The index, the few, the first item, the last pages.
    expect(proxy.requests.length - ofLog.length).toBe(4)
    // What is behind them; and where it ends, on a server that does not say which stream it is.
    expect(ofLog.length).toBeLessThanOrEqual(2 + (await rereads()))
    await db.loadOlder({ rows: 1000 })
    expect(rowsIn(db)).toEqual(await wholeRows(url))
    expect(db.issues.total).toBe(0)

    // It is deleted with its snapshot.
    await kit.appendItems(url, [message('more', 'u0')])
    await compactStream({ source: url, maxBody: 10_000, pageRows: 10, keep: 1, grace: 0 })
    const { status } = await fetch(`${snapshot?.url ?? ''}.few`)
    expect(status).toBe(404)
  })

  test('[R1] a join never shows a message without its author', async () => {
    const { db } = await openLong(200, { last: 25, of: 'message' })
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: db.collections.messages })
        .join(
          { author: db.collections.users },
          ({ message: each, author }) => eq(each.userId, author.id),
          'left',
        )
        .select(({ message: each, author }) => ({ id: each.id, author: author?.name })),
    )
    const seen: unknown[] = []
    joined.subscribeChanges((changes) => {
      for (const { value } of changes) seen.push(value.author)
    })
    await joined.preload()
    await eventually(() => expect(db.older.remaining).toBe(0))
    await eventually(() => expect(joined.size).toBe(200))
    expect(seen).not.toContain(undefined)
    expect(seen.length).toBeGreaterThanOrEqual(200)
  })

  test('[R11] the stream beside a snapshot has other rows than the index says, or is gone: the snapshot is read whole', async () => {
    const kit = await roomServer()
    const items = [...history(120), user('last')]
    const url = await kit.createStream(undefined, { items })
    const compaction = await compactStream({ source: url, maxBody: 3_000, pageRows: 10 })
    if (compaction.type !== 'written') throw new Error(compaction.why)
    const beside = `${compaction.snapshot.url}.few`
    const rows = (await logOf(beside)).slice(1)
    await kit.deleteStream(beside)
    const proxy = await startFaultProxy(kit.url)
    onTestFinished(() => proxy.close())
    for (const isThere of [false, true]) {
      if (isThere) await kit.createStream(new URL(beside).pathname, { items: rows })
      const streamOptions = { url: proxy.through(url) }
      const db = createStreamDB({
        ...{ streamOptions, state: room, retry: quick },
        load: { last: 10, of: 'message', ...on },
      })
      onTestFinished(() => db.close())
      await db.preload()
      expect(rowsIn(db)).toEqual(await wholeRows(url))
      const last = proxy.requests.filter(
        ({ url: asked }) => asked.pathname === new URL(compaction.snapshot.url).pathname,
      )
      expect(last.at(-1)?.url.searchParams.get('offset')).toBe('-1')
    }
  })

  test('[R3] loadOlder() loads some more, the newest of them, and says how many are left', async () => {
    const { db, url, messages } = await openLong(100, { last: 25, of: 'message', ...on })
    // Starts reading by itself.
    expect(await db.loadOlder()).toEqual({ loaded: 25, remaining: 50 })
    expect(messages()).toEqual(keys(50, 100))
    expect(await db.loadOlder({ rows: 45 })).toEqual({ loaded: 45, remaining: 5 })
    expect(messages()).toEqual(keys(5, 100))
    expect(await db.loadOlder()).toEqual({ loaded: 5, remaining: 0 })
    expect(await db.loadOlder()).toEqual({ loaded: 0, remaining: 0 })
    expect(db.older).toEqual({ remaining: 0, loading: false })
    expect(db.status).toEqual({ name: 'live' })
    expect(rowsIn(db)).toEqual(await wholeRows(url))
  })

  test('[R3] calls at the same time share what is loaded', async () => {
    const { db, messages } = await openLong(100, { last: 10, of: 'message', ...on })
    const results = await Promise.all([db.loadOlder(), db.loadOlder(), db.loadOlder({ rows: 80 })])
    expect(results).toEqual(Array.from({ length: 3 }, () => ({ loaded: 10, remaining: 80 })))
    expect(messages()).toEqual(keys(80, 100))
  })

  test.each([0, -1, 1.5, Number.NaN])('[R3] loadOlder({ rows: %d }) is refused', async (rows) => {
    const { db } = await openLong(20, { last: 5, of: 'message', ...on })
    await expect(db.loadOlder({ rows })).rejects.toMatchObject({ code: 'invalid-options' })
  })

  test('[R4] the rest comes behind by itself, and listeners hear of it', async () => {
    const { db, url } = await openLong(300, { last: 25, of: 'message' })
    const states: OlderState[] = []
    db.readables.older.subscribe(() => states.push(db.older))
    await db.preload()
    await eventually(() => expect(db.older).toEqual({ remaining: 0, loading: false }))
    expect(rowsIn(db)).toEqual(await wholeRows(url))
    expect(states[0]).toEqual({ remaining: 275, loading: false })
    expect(states.some(({ loading }) => loading)).toBe(true)
    const remaining = states.map((each) => each.remaining ?? 0)
    expect(remaining).toEqual([...remaining].sort((a, b) => b - a))
  })

  test('[R1] types that come along: rows of the first type are counted', async () => {
    const { db } = await openLong(200, { last: 25, of: ['message', 'user'], ...on })
    await db.preload()
    expect(db.collections.messages.size).toBe(25)
    expect(db.collections.users.size).toBe(1 - 1)
    expect(db.older.remaining).toBe(180)
    await db.loadOlder({ rows: 1000 })
    expect(db.collections.messages.size + db.collections.users.size).toBe(205)
  })

  test('[R5] without a snapshot, and with one of one page, everything is loaded at once', async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: history(50) })
    for (const compact of [false, true]) {
      if (compact) await compactStream({ source: url })
      const db = createStreamDB({ streamOptions: { url }, state: room, load: { last: 5, of: 'message' } })
      await db.preload()
      expect(db.collections.messages.size).toBe(50)
      expect(db.older).toEqual({ remaining: 0, loading: false })
      expect(await db.loadOlder()).toEqual({ loaded: 0, remaining: 0 })
      db.close()
    }
  })

  test('[R5] without the option nothing is left out', async () => {
    const { db } = await openLong(50, undefined, { snapshots: true })
    await db.preload()
    expect(db.older).toEqual({ remaining: 0, loading: false })
    expect(db.collections.messages.size).toBe(50)
  })
})

describe('the log behind the snapshot', () => {
  const changes = [
    message('m0003', 'u0', 'changed'),
    room.messages.delete({ key: 'm0004' }),
    message('m0090', 'u2', 'changed'),
    room.messages.delete({ key: 'm0095' }),
    room.users.upsert({ value: { id: 'u0', name: 'renamed' } }),
    message('m0100', 'u2'),
  ]

  test('[R2] an older row never takes the place of what the log says since, at first or later', async () => {
    const { db, url, append } = await openLong(100, { last: 20, of: 'message', ...on }, { behind: changes })
    await db.preload()
    expect(db.collections.messages.get('m0003')?.text).toBe('changed')
    expect(db.collections.messages.has('m0004')).toBe(false)
    await append(message('m0010', 'u0', 'changed later'), room.messages.delete({ key: 'm0011' }))
    await eventually(() => expect(db.collections.messages.has('m0010')).toBe(true))
    while ((await db.loadOlder()).remaining > 0) {
      expect(db.collections.messages.get('m0003')?.text).toBe('changed')
      expect(db.collections.messages.has('m0004')).toBe(false)
    }
    expect(rowsIn(db)).toEqual(await wholeRows(url))
  })

  test('[R2] a row that was deleted and inserted anew, and an invalid update', async () => {
    const bad = { type: 'message', key: 'm0001', value: { id: 'm0001' }, headers: { operation: 'update' } }
    const behind = [room.messages.delete({ key: 'm0002' }), message('m0002', 'u0', 'anew'), bad]
    const { db, url } = await openLong(60, { last: 20, of: 'message', ...on }, { behind })
    await db.loadOlder({ rows: 100 })
    expect(db.collections.messages.get('m0001')?.text).toBe('text of m0001')
    expect(rowsIn(db)).toEqual(await wholeRows(url))
  })

  test.each([
    ['a reset', [control('reset'), message('new', 'u0')]],
    ['a snapshot in the log', [control('snapshot-start'), message('new', 'u0'), control('snapshot-end')]],
  ])('[R6] %s voids the rows that are left', async (_what, events) => {
    for (const isBehind of [true, false]) {
      const behind = isBehind ? events : []
      const { db, append } = await openLong(60, { last: 20, of: 'message', ...on }, { behind })
      await db.preload()
      if (!isBehind) await append(...events)
      await eventually(() => expect(db.older).toEqual({ remaining: 0, loading: false }))
      await eventually(() => expect(db.collections.messages.size).toBe(1))
      expect(await db.loadOlder()).toEqual({ loaded: 0, remaining: 0 })
      expect(db.collections.messages.size).toBe(1)
    }
  })

  test('[R6] rows of a snapshot that is dropped do not hide older ones', async () => {
    const behind = [control('snapshot-start'), message('m0001', 'u0', 'void')]
    const { db, append } = await openLong(60, { last: 20, of: 'message', ...on }, { behind })
    await db.loadOlder({ rows: 100 })
    expect(db.collections.messages.get('m0001')?.text).toBe('text of m0001')
    await append(control('snapshot-end'))
    await eventually(() => expect(db.collections.messages.get('m0001')?.text).toBe('void'))
    expect(db.collections.messages.size).toBe(1)
  })

  test('[R7] own writes and live events go on between the pages', async () => {
    const { db, url, append, messages } = await openLong(100, { last: 20, of: 'message', ...on })
    await db.preload()
    await db.collections.messages.insert({ id: 'm9000', userId: 'u0', text: 'own', likes: 0 }).when('settled')
    // Own insert of a key that an older page has: the log decides.
    await db.collections.messages.insert({ id: 'm0010', userId: 'u0', text: 'own', likes: 0 }).when('settled')
    const pending = db.collections.messages.update('m0099', (draft) => void (draft.text = 'edited'))
    await db.loadOlder({ rows: 30 })
    await pending.when('settled')
    await append(message('m9001', 'u1'))
    await db.loadOlder({ rows: 1000 })
    await eventually(() => expect(messages()).toContain('m9001'))
    expect(db.collections.messages.get('m0010')?.text).toBe('own')
    expect(rowsIn(db)).toEqual(await wholeRows(url))
  })
})

describe('schema upgrades', () => {
  test('[V2] older rows of a snapshot are migrated as well, and keep the version that they were written in', async () => {
    const { url } = await openLong(60, undefined)
    const seen: number[] = []
    const load = { last: 20, of: 'message', ...on }
    // Of its own: the helpers of a state write for the version of its database.
    const state = createStateSchema(room)
    const db = createStreamDB({
      ...{ streamOptions: { url }, state, load, version: 2 },
      migrate(type, value, from) {
        seen.push(from)
        return type === 'message' ? { ...value, likes: 7 } : value
      },
    })
    onTestFinished(() => db.close())
    await db.preload()
    await db.loadOlder({ rows: 100 })
    expect(db.collections.messages.toArray.map(({ likes }) => likes)).toEqual(
      Array.from({ length: 60 }, () => 7),
    )
    expect(new Set(seen)).toEqual(new Set([1]))
  })
})

describe('faults', () => {
  test('[R8] a page that cannot be read is asked for again, and the state says why it waits', async () => {
    const { db, url, proxy } = await openLong(100, { last: 20, of: 'message', ...on })
    await db.preload()
    await proxy.refuse()
    const errors: string[] = []
    db.readables.older.subscribe(() => db.older.error && errors.push(db.older.error.code))
    const loading = db.loadOlder({ rows: 1000 })
    await eventually(() => expect(errors).toContain('unreachable'))
    expect(db.older.loading).toBe(true)
    await proxy.heal()
    expect(await loading).toEqual({ loaded: 80, remaining: 0 })
    expect(rowsIn(db)).toEqual(await wholeRows(url))
  })

  test('[R8] where it is given up, loadOlder() rejects, and works again later', async () => {
    const { db, url, proxy } = await openLong(
      100,
      { last: 20, of: 'message', ...on },
      { retry: { ...quick, maxRetries: 2 }, live: false },
    )
    await db.preload()
    await proxy.refuse()
    await expect(db.loadOlder()).rejects.toMatchObject({ code: 'unreachable' })
    expect(db.older).toMatchObject({ remaining: 80, loading: false, error: { code: 'unreachable' } })
    await proxy.heal()
    await db.loadOlder({ rows: 1000 })
    expect(db.older).toEqual({ remaining: 0, loading: false })
    expect(rowsIn(db)).toEqual(await wholeRows(url))
  })

  test('[R9] a snapshot that is deleted meanwhile: everything is read whole, and stays visible until then', async () => {
    const { db, url } = await openLong(100, { last: 20, of: 'message', ...on })
    await db.preload()
    const least: number[] = []
    db.collections.messages.subscribeChanges(() => least.push(db.collections.messages.size))
    await (await roomServer()).appendItems(url, [message('m0100', 'u0')])
    await compactStream({ source: url, maxBody: 500, pageRows: 10, keep: 1, grace: 0 })
    const result = await db.loadOlder()
    expect(result.remaining).toBe(0)
    expect(rowsIn(db)).toEqual(await wholeRows(url))
    expect(Math.min(...least)).toBeGreaterThanOrEqual(20)
    expect(db.status.name).toBe('live')
  })

  test('[L1] close() ends what is under way', async () => {
    const { db, proxy } = await openLong(100, { last: 20, of: 'message', ...on })
    await db.preload()
    await proxy.refuse()
    const loading = db.loadOlder()
    db.close()
    await expect(loading).rejects.toMatchObject({ code: 'closed' })
    await expect(db.loadOlder()).rejects.toMatchObject({ code: 'closed' })
    await proxy.heal()
  })

  test('[R6] a stream that is made anew voids them', async () => {
    await needs('deletion')
    const { db, url, messages } = await openLong(
      100,
      { last: 20, of: 'message', ...on },
      { onMissing: 'wait' },
    )
    await db.preload()
    const kit = await roomServer()
    await kit.deleteStream(url)
    await kit.createStream(new URL(url).pathname, { items: [message('only', 'u0')] })
    await eventually(() => expect(messages()).toEqual(['only']), { timeout: 20_000 })
    expect(db.older).toEqual({ remaining: 0, loading: false })
  }, 30_000)
})

describe('order and options', () => {
  test('[R3] keepInsertionOrder places older rows before the newer ones', async () => {
    const { db } = await openLong(100, { last: 20, of: 'message', ...on })
    const order = keepInsertionOrder(db)
    await db.preload()
    await db.loadOlder()
    await db.loadOlder()
    const rows = [...db.collections.messages.toArray].sort((a, b) => order.of(a) - order.of(b))
    expect(rows.map(({ id }) => id)).toEqual(keys(40, 100))
  })

  test.each([
    [{ last: 0, of: 'message' }, 'options.load.last to be a whole number from 1 but received 0'],
    [{ last: 1.5, of: 'message' }, 'options.load.last'],
    [{ last: 5, of: 'messages' }, 'options.load.of'],
    [{ last: 5, of: [] as unknown as string }, 'options.load.of'],
    [{ last: 5 } as unknown as { last: number; of: string }, 'options.load.of'],
    [{ last: 5, of: 'message', rest: 'later' as 'background' }, 'options.load.rest'],
    [{ last: 5, of: 'message', newest: true }, 'options.load has no option "newest"'],
  ])('[R1] %j is refused', (load, words) => {
    const create = () => createStreamDB({ streamOptions: { url: 'http://127.0.0.1:9/' }, state: room, load })
    expect(create).toThrow(words)
  })
})
