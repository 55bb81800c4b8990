import { batchHandler, eventually, gate, runProgram, startStreamServer } from '@streamdb/testkit'
import {
  message,
  openRoom,
  openScripted,
  plain,
  publicationsOf,
  room,
  roomServer,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLiveQueryCollection, createStreamDB, eq } from '../src/index.ts'

// TanStack writes there that the source of a live query failed, which these tests provoke.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))
afterEach(() => void vi.restoreAllMocks())

describe('starting', () => {
  test('nothing is requested before preload() or a read', async () => {
    const { db, script } = await openScripted(batchHandler([[user('u1')]]))
    expect([db.status, db.offset, script.requests.length]).toEqual([{ name: 'idle' }, '-1', 0])
  })

  test('[F-life-1] preload() twice shares one attempt, and again after it', async () => {
    const { db, script } = await openScripted(batchHandler([[user('u1')]]))
    const [first, second] = [db.preload(), db.preload()]
    expect(second).toBe(first)
    await first
    await db.preload()
    expect(script.requests.filter(({ offset }) => offset === '-1')).toHaveLength(1)
  })

  test.each([
    ['collection.preload()', (db: Opened) => db.collections.users.preload()],
    ["a live query's preload()", (db: Opened) => liveUsers(db).preload()],
    ['subscribeChanges()', (db: Opened) => void db.collections.users.subscribeChanges(() => undefined)],
    ['toArrayWhenReady()', (db: Opened) => db.collections.users.toArrayWhenReady()],
  ])('[F-life-1] %s starts the stream, all of it', async (_what, read) => {
    const { db } = await openRoom([user('u1'), message('m1', 'u1')])
    await read(db)
    await eventually(() => expect(db.status.name).toBe('live'))
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([1, 1])
    await db.preload()
  })

  test('[L5] [F-life-5] two databases on one URL are independent, and can be joined', async () => {
    const { db, url, append } = await openRoom([user('u1'), message('m1', 'u1')])
    const { db: other } = await openRoom([], { url })
    await Promise.all([db.preload(), other.preload()])
    expect(db.collections.users.id).not.toBe(other.collections.users.id)
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: db.collections.messages })
        .innerJoin({ user: other.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ text: m.text, name: u.name })),
    )
    await joined.preload()
    expect(joined.toArray.map(plain)).toEqual([{ text: 'text of m1', name: 'name of u1' }])
    db.close()
    await append(user('u2'))
    await eventually(() => expect(other.collections.users.has('u2')).toBe(true))
    expect(db.collections.users.has('u2')).toBe(false)
  })
})

describe('failing and retrying', () => {
  test('[L2] [L3] [F-life-1] a failed preload() rejects everyone who waits, and can be tried again from where it stopped', async () => {
    let broken = true
    const handler = batchHandler([[user('u1')], [user('u2')], [user('u3')]])
    const { db, script } = await openScripted((request, reply) => {
      if (broken && request.offset === '2') return reply.status(404)
      return handler(request, reply)
    })
    const live = liveUsers(db)
    const waiters = [
      db.preload(),
      db.preload(),
      db.collections.messages.preload(),
      live.preload(),
      db.utils.awaitTxId('tx'),
    ]
    const outcomes = await Promise.allSettled(waiters)
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
    expect(outcomes[0]).toMatchObject({ reason: { code: 'stream-not-found' } })
    expect(outcomes[2]).toMatchObject({ reason: { code: 'stream-not-found' } })
    expect(outcomes[4]).toMatchObject({ reason: { code: 'stream-not-found' } })
    expect(db.status).toMatchObject({ name: 'failed', error: { code: 'stream-not-found' } })
    expect([db.collections.users.status, live.status]).toEqual(['error', 'error'])
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })

    broken = false
    const from = script.requests.length
    await db.preload()
    expect(script.requests[from]?.offset).toBe('2')
    expect(Object.keys(Object(rowsOf(db.collections.users)))).toEqual(['u1', 'u2', 'u3'])
    expect([db.status.name, db.collections.users.status, live.status]).toEqual(['live', 'ready', 'ready'])
    await expect(db.collections.messages.preload()).resolves.toBeUndefined()
    expect(live.size).toBe(3)
  })

  test('[L3] retry() restarts a failed stream', async () => {
    let broken = true
    const handler = batchHandler([[user('u1')]])
    const { db } = await openScripted((request, reply) =>
      broken ? reply.status(404) : handler(request, reply),
    )
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    broken = false
    db.retry()
    await eventually(() => expect(db.status.name).toBe('live'))
  })

  test('[F-net-5] a collection that was cleaned up and is read again gets its rows back', async () => {
    const { db, append } = await openRoom([user('u1'), message('m1', 'u1')])
    await db.preload()
    const publications = publicationsOf(db.collections.messages)
    await db.collections.users.cleanup()
    await append(user('u2'))
    await db.collections.users.preload()
    expect([...db.collections.users.keys()].sort()).toEqual(['u1', 'u2'])
    await append(user('u3'), message('m2', 'u3'))
    await eventually(() => expect(db.collections.users.size).toBe(3))
    expect(db.collections.messages.size).toBe(2)
    expect(publications.flat()).toContain('insert m2')
    expect(db.status.name).toBe('live')
  })
})

describe('[L1] closing', () => {
  test('[F-life-2] [F-life-3] before preload(): every call is refused, and nothing was requested', async () => {
    const { db, script } = await openScripted(batchHandler([[user('u1')]]))
    db.close()
    db.close()
    await refusesEverything(db)
    await expect(db.collections.users.preload()).rejects.toThrow()
    expect(script.requests).toHaveLength(0)
    expect(db.status).toEqual({ name: 'closed' })
  })

  test('[F-life-2] in the same tick as preload()', async () => {
    const { db, script } = await openScripted(batchHandler([[user('u1')]]))
    const loaded = db.preload()
    db.close()
    await expect(loaded).rejects.toMatchObject({ code: 'closed' })
    await refusesEverything(db)
    await eventually(() => expect(script.open).toBe(0))
    expect(db.collections.users.size).toBe(0)
  })

  test('[F-life-2] while preload() waits for a response: it rejects at once, and the connection is closed', async () => {
    const { db, script } = await openScripted((_request, reply) => reply.hang())
    const loaded = db.preload()
    const live = liveUsers(db).preload()
    const waiter = db.utils.awaitTxId('tx', Infinity)
    await eventually(() => expect(script.open).toBe(1))
    db.close()
    const outcomes = await Promise.allSettled([loaded, db.collections.users.preload(), waiter, live])
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
    expect(outcomes.slice(0, 3)).toMatchObject(Array(3).fill({ reason: { code: 'closed' } }))
    await eventually(() => expect(script.open).toBe(0))
    expect(script.requests).toHaveLength(1)
  })

  test.each(['sse', 'long-poll'] as const)(
    '[F-life-2] after preload(), with live: %s: rows stay, and no more arrive',
    async (live) => {
      const { db, script } = await openScripted(batchHandler([[user('u1', 'n', 'tx-1')]]), { live })
      await db.preload()
      await eventually(() => expect(script.requests.at(-1)?.live).toBe(live))
      const statuses: string[] = []
      db.subscribeStatus(({ name }) => statuses.push(name))
      db.close()
      db.close()
      expect(statuses).toEqual(['closed'])
      await eventually(() => expect(script.open).toBe(0))
      expect([...db.collections.users.keys()]).toEqual(['u1'])
      await refusesEverything(db)
      await expect(db.utils.awaitTxId('tx-1')).rejects.toMatchObject({ code: 'closed' })
      db.retry()
      expect(db.status).toEqual({ name: 'closed' })
      const count = script.requests.length
      await expect(db.preload()).rejects.toMatchObject({ code: 'closed' })
      expect(script.requests).toHaveLength(count)
    },
  )

  test('[F-net-1] during a backoff close() ends it at once', async () => {
    const { db, script } = await openScripted((_request, reply) => reply.status(503), {
      retry: { initialDelay: 60_000, maxDelay: 60_000 },
    })
    const loaded = db.preload()
    await eventually(() => expect(db.status.name).toBe('reconnecting'))
    db.close()
    await expect(loaded).rejects.toMatchObject({ code: 'closed' })
    expect(script.open).toBe(0)
  })

  test('a response that arrives after close() is ignored', async () => {
    const { opened, open } = gate()
    const { db } = await openScripted(async (_request, reply) => {
      reply.response.writeHead(200, {
        'content-type': 'application/json',
        'Stream-Next-Offset': '1',
        'Stream-Up-To-Date': 'true',
      })
      reply.response.write('[')
      await opened
      reply.response.end(`${JSON.stringify(user('u1'))}]`)
    })
    void db.preload()
    await eventually(() => expect(db.status.name).toBe('connecting'))
    db.close()
    open()
    await expect(db.preload()).rejects.toMatchObject({ code: 'closed' })
    expect([db.offset, db.collections.users.size]).toEqual(['-1', 0])
  })

  test('[L2] `void db.preload()` and an unused waiter leave no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    try {
      const { db } = await openScripted((_request, reply) => reply.status(404))
      void db.preload()
      void db.utils.awaitTxId('tx')
      await eventually(() => expect(db.status.name).toBe('failed'))
      const { db: closed } = await openScripted((_request, reply) => reply.hang())
      void closed.preload()
      void closed.utils.awaitTxId('tx')
      closed.close()
      void closed.preload()
      void closed.utils.awaitTxId('tx')
      // Node tells of rejections after the microtasks of a turn.
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
  })

  test(
    'a process that opens, preloads and closes a database exits by itself',
    { timeout: 30_000 },
    async () => {
      const kit = await startStreamServer()
      onTestFinished(() => kit.stop())
      const url = await kit.createStream(undefined, { items: [user('u1'), user('u2')] })
      // Killed, and so failed, where it does not end.
      const program = new URL('./programs/open-and-close.ts', import.meta.url)
      const stdout = await runProgram(program, { args: [url], timeout: 20_000 })
      expect(stdout.trim()).toBe('2 users, live, closed')
    },
  )

  test('a hundred databases opened and closed leave no connection behind', { timeout: 30_000 }, async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: [user('u1')] })
    const before = socketCount()
    for (let round = 0; round < 100; round++) {
      const db = createStreamDB({ streamOptions: { url }, state: room })
      await db.preload()
      expect(db.collections.users.size).toBe(1)
      db.close()
    }
    // Node keeps the few that are idle, for a while.
    await eventually(() => expect(socketCount() - before).toBeLessThan(20))
  })
})

type Opened = Awaited<ReturnType<typeof openRoom>>['db']

function liveUsers(db: Opened) {
  return createLiveQueryCollection((q) => q.from({ user: db.collections.users }))
}

function socketCount(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

/** After `close()` everything refuses at once, with a typed error. */
async function refusesEverything(db: Opened): Promise<void> {
  const closed = expect.objectContaining({ name: 'StreamDBError', code: 'closed' })
  await expect(db.preload()).rejects.toEqual(closed)
  await expect(db.utils.awaitTxId('tx')).rejects.toEqual(closed)
  expect(() => db.collections.users.insert({ id: 'x', name: 'x' })).toThrow(closed)
  expect(() => db.transact(() => undefined)).toThrow(closed)
}

test('[L4] a collection that is cleaned up and read again inside a batch is loaded again', async () => {
  const { db, append } = await openRoom([user('u1'), message('m1', 'u1')])
  await db.preload()
  let again = false
  db.collections.messages.subscribeChanges((changes) => {
    if (again || changes.length === 0) return
    again = true
    void db.collections.users.cleanup()
    void db.collections.users.preload()
  })
  await append(message('m2', 'u1'))
  await eventually(() => expect([...db.collections.users.keys()]).toEqual(['u1']))
  await eventually(() => expect([...db.collections.messages.keys()].sort()).toEqual(['m1', 'm2']))
})

test('[L1] close() in a listener of the first status rejects preload() at once', async () => {
  const { db } = await openRoom()
  db.subscribeStatus(({ name }) => {
    if (name === 'connecting') db.close()
  })
  await expect(db.preload()).rejects.toMatchObject({ code: 'closed' })
  expect(db.status.name).toBe('closed')
})

test('live: false has ended when preload() resolves, and when observers are called', async () => {
  const seen: string[] = []
  const { db } = await openRoom([user('u1')], { live: false, onBatch: () => void seen.push(db.status.name) })
  await db.preload()
  expect(db.status).toEqual({ name: 'ended', reason: 'not-live' })
  // The end of a response may come behind its items, as a batch without any.
  expect(new Set(seen)).toEqual(new Set(['ended']))
})
