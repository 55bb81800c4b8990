import { batchHandler, eventually, gate } from '@streamdb/testkit'
import { openRoom, openScripted, quick, room, roomServer, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLiveQueryCollection, createStreamDB, dehydrate } from '../src/index.ts'
import { waitForLoad } from '../src/sync/preload.ts'
import { StatusStore } from '../src/sync/status-store.ts'
import { Observers } from '../src/observe.ts'
import { Reporter } from '../src/report.ts'

describe('[F-real-43] preload() of a database that something else has loaded resolves at once', () => {
  test.each([true, false])('a live query, with live: %s', async (live) => {
    const { db } = await openRoom([user('u1')], { live })
    await createLiveQueryCollection((q) => q.from({ user: db.collections.users })).preload()
    await expect(settledSoon(db.preload())).resolves.toBe('resolved')
  })

  test.each([true, false])('collection.preload(), with live: %s', async (live) => {
    const { db } = await openRoom([user('u1')], { live })
    await db.collections.users.preload()
    await expect(settledSoon(db.preload())).resolves.toBe('resolved')
    expect(db.collections.users.size).toBe(1)
  })

  test.each([true, false])('a first write, with live: %s', async (live) => {
    const { db } = await openRoom([user('u1')], { live })
    await db.collections.users.insert({ id: 'u2', name: 'Grace' }).when('settled')
    await expect(settledSoon(db.preload())).resolves.toBe('resolved')
    expect(db.collections.users.size).toBe(2)
  })

  test('retry() after a failure', async () => {
    let answers = 0
    const { db } = await openScripted(
      (_request, reply) => {
        if (answers++ === 0) reply.status(404)
        else reply.page({ items: [user('u1')], nextOffset: '1', upToDate: true })
      },
      { live: false },
    )
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    db.retry()
    await eventually(() => expect(db.status.name).toBe('ended'))
    await expect(settledSoon(db.preload())).resolves.toBe('resolved')
  })

  test('awaitTxId()', async () => {
    const { db } = await openRoom([user('u1', 'Ada', 'tx-1')], { live: false })
    await db.utils.awaitTxId('tx-1')
    await expect(settledSoon(db.preload())).resolves.toBe('resolved')
  })

  test('after hydrate it still waits for what the stream holds', async () => {
    const { db: server, url, append } = await openRoom([user('u1')], { live: false })
    await server.preload()
    await append(user('u2'))
    const { db } = await openRoom([], { url, hydrate: dehydrate(server) })
    expect(db.collections.users.size).toBe(1)
    await db.preload()
    expect(db.collections.users.size).toBe(2)
  })
})

describe('[F-real-30] preload() ends', () => {
  test('after a timeout, with the last error; reading goes on', async () => {
    let isDown = true
    const { db } = await openScripted((_request, reply) => {
      if (isDown) reply.status(503)
      else reply.page({ items: [user('u1')], nextOffset: '1', upToDate: true })
    })
    await expect(db.preload({ timeout: 100 })).rejects.toMatchObject({
      code: 'preload-timeout',
      cause: { code: 'unreachable' },
      message: expect.stringMatching(/did not end within 100 ms.*"reconnecting".*503/) as unknown,
    })
    isDown = false
    await db.preload()
    expect(db.collections.users.size).toBe(1)
  })

  test('when a signal aborts, before it or then', async () => {
    const { db } = await openScripted((_request, reply) => reply.hang())
    await expect(db.preload({ signal: AbortSignal.abort('mine') })).rejects.toMatchObject({ code: 'aborted' })
    const controller = new AbortController()
    const loading = db.preload({ signal: controller.signal })
    controller.abort(new Error('mine'))
    await expect(loading).rejects.toMatchObject({ code: 'aborted', cause: { message: 'mine' } })
    expect(db.status.name).toBe('connecting')
  })

  test('each call has its own limits', async () => {
    const { db } = await openScripted(batchHandler([[user('u1')]]))
    const controller = new AbortController()
    const calls = [db.preload({ signal: controller.signal }), db.preload(), db.preload({ timeout: 60_000 })]
    controller.abort()
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  test('a timeout that is none is refused', async () => {
    const { db } = await openRoom()
    for (const timeout of [-1, NaN, '5s'] as number[]) {
      await expect(db.preload({ timeout })).rejects.toMatchObject({ code: 'invalid-options' })
    }
  })

  test('live: false on a server: after ten seconds in which nothing is read', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const reporter = new Reporter()
    const status = new StatusStore(reporter, new Observers(reporter))
    const outcomes: string[] = []
    const never = new Promise<void>(() => undefined)
    waitForLoad(never, status, {}, false).then(
      () => outcomes.push('resolved'),
      (error: { code: string; message: string }) => outcomes.push(error.code, error.message),
    )
    status.update({ type: 'start' })
    await vi.advanceTimersByTimeAsync(9_000)
    status.update({ type: 'progress', progress: { offset: '-1', events: 1, bytes: 1 } })
    await vi.advanceTimersByTimeAsync(9_000)
    expect(outcomes).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(outcomes).toEqual(['preload-timeout', expect.stringContaining('read nothing for 10000 ms')])
  })
})

describe('[F-real-51] a database that is not live', () => {
  test('refresh() reads what was appended since', async () => {
    const { db, append } = await openRoom([user('u1')], { live: false })
    await db.refresh()
    await append(user('u2'))
    await db.preload()
    expect(db.collections.users.size).toBe(1)
    await db.refresh()
    expect([db.collections.users.size, db.status.name]).toEqual([2, 'ended'])
  })

  test('[EN7] refresh() does not count a read that was sent before it was called', async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: [user('u1')] })
    // The server answers before the append, and the answer arrives after it.
    const [answered, held] = [gate(), gate()]
    let holdsNext = false
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await globalThis.fetch(input, init)
      if (!holdsNext) return response
      holdsNext = false
      answered.open()
      await held.opened
      return response
    }
    const { db } = await openRoom([], { live: false, url, streamOptions: { url, fetch } })
    await db.preload()
    holdsNext = true
    const first = db.refresh()
    await answered.opened
    await kit.appendItems(url, [user('u2')])
    const second = db.refresh()
    held.open()
    await first
    await second
    expect(db.collections.users.size).toBe(2)
  })

  test('refresh() of a live database is preload()', async () => {
    const { db } = await openRoom([user('u1')])
    await db.refresh()
    expect([db.collections.users.size, db.status.name]).toEqual([1, 'live'])
    await expect(settledSoon(db.refresh())).resolves.toBe('resolved')
  })

  test('refresh() of a stream that was closed resolves', async () => {
    const { db } = await openScripted(batchHandler([[user('u1')]], { closed: true }), { live: false })
    await db.preload()
    await expect(settledSoon(db.refresh())).resolves.toBe('resolved')
  })

  test('awaitTxId() starts reading, and reads again', async () => {
    const { db, append } = await openRoom([user('u1', 'Ada', 'tx-1')], { live: false })
    await db.utils.awaitTxId('tx-1')
    await append(user('u2', 'Grace', 'tx-2'))
    await db.utils.awaitTxId('tx-2')
    expect(db.collections.users.size).toBe(2)
  })
})

test('[L1] preload(), refresh() and awaitTxId() of a closed database reject', async () => {
  const db = createStreamDB({ streamOptions: { url: 'http://localhost:9/x' }, state: room, retry: quick })
  db.close()
  for (const promise of [db.preload(), db.refresh(), db.utils.awaitTxId('tx')])
    await expect(promise).rejects.toMatchObject({ code: 'closed' })
})

/** Tells whether a promise settles within a few turns of the event loop. */
async function settledSoon(promise: Promise<void>): Promise<'resolved' | 'pending'> {
  const pending = new Promise<'pending'>((resolve) => setTimeout(resolve, 0, 'pending'))
  return Promise.race([promise.then(() => 'resolved' as const), pending])
}
