import { createManualLog, eventually, logOf, unhandledRejections } from '@streamdb/testkit'
import {
  control,
  openProxied,
  openScripted,
  publicationsOf,
  room,
  roomServer,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { StreamDBError, Write } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

const ada = { id: 'a', name: 'Ada' }

describe('refused', () => {
  test.each([
    [401, {}, 'unauthorized'],
    [403, {}, 'unauthorized'],
    [404, {}, 'stream-not-found'],
    [409, { 'Stream-Closed': 'true' }, 'stream-ended'],
    [409, {}, 'write-failed'],
    [413, {}, 'write-failed'],
    [422, {}, 'write-failed'],
  ])('[W1] %i %o is %s, and the write is taken back', async (status, headers, code) => {
    const { db, url, proxy, posts } = await openProxied()
    const published = publicationsOf(db.collections.users)
    proxy.fault({ kind: 'answer', status, headers }, { match: /^POST/ })
    const transaction = db.collections.users.insert(ada)
    await expect(transaction.when('settled')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(String(status)) as unknown,
    })
    expect(db.writeOf(transaction)?.state).toMatchObject({ name: 'failed', error: { code } })
    expect(published).toEqual([['insert a'], ['delete a']])
    expect([posts(), await logOf(url)]).toEqual([1, []])
    // The next one goes through.
    await db.collections.users.insert(ada).when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ a: ada })
  })

  test('[W1] of many writes in one request only the refused one fails', async () => {
    const { db, url, proxy } = await openProxied()
    const tooLarge = 'x'.repeat(10_000)
    proxy.fault(
      { kind: 'answer', status: 413 },
      {
        times: Infinity,
        match: ({ method, headers }) => method === 'POST' && Number(headers.get('content-length')) > 9000,
      },
    )
    const transactions = Array.from({ length: 20 }, (_, each) =>
      db.collections.users.insert({ id: `u${each}`, name: each === 7 ? tooLarge : 'small' }),
    )
    const ends = await Promise.allSettled(transactions.map((each) => each.when('settled')))
    expect(ends.flatMap(({ status }, each) => (status === 'rejected' ? [each] : []))).toEqual([7])
    expect(await logOf(url)).toHaveLength(19)
  })

  test('[W1] on an ended stream, after close() and after a failure: at once, with the reason', async () => {
    const kit = await roomServer()
    const ended = await openProxied()
    await kit.closeStream(ended.url)
    await eventually(() => expect(ended.db.status.name).toBe('ended'))
    expect(() => ended.db.collections.users.insert(ada)).toThrow(
      expect.objectContaining({ code: 'stream-ended' }),
    )
    expect(ended.db.collections.users.size).toBe(0)

    const closed = await openProxied()
    closed.db.close()
    closed.db.close()
    expect(() => closed.db.collections.users.insert(ada)).toThrow(expect.objectContaining({ code: 'closed' }))
    expect(() => closed.db.transact(() => undefined)).toThrow(expect.objectContaining({ code: 'closed' }))
    expect(closed.db.collections.users.size).toBe(0)

    const { db } = await openScripted((_request, reply) => reply.status(404))
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    expect(() => db.collections.users.insert(ada)).toThrow(
      expect.objectContaining({ code: 'stream-not-found' }),
    )
  })

  test('[W2] a producer that the server has forgotten is replaced silently', async () => {
    const { db, url, proxy } = await openProxied()
    await db.collections.users.insert(ada).when('settled')
    const headers = { 'producer-expected-seq': '0', 'producer-received-seq': '1' }
    proxy.fault({ kind: 'answer', status: 409, headers }, { match: /^POST/ })
    await db.collections.users.insert({ id: 'b', name: 'B' }).when('settled')
    expect(await logOf(url)).toHaveLength(2)
  })
})

describe('unknown', () => {
  test('[F-real-52] [F-real-70] [F-write-4] accepted while nothing can be read: it stays acknowledged, and is confirmed once the log is read', async () => {
    const { db, url, proxy } = await openProxied({ confirmTimeout: 40 })
    // The reader is cut off, the writer is not.
    proxy.fault({ kind: 'blackhole' }, { times: Infinity, match: /^GET/ })
    proxy.cut()
    const states: string[] = []
    const transaction = db.collections.users.insert(ada)
    db.subscribeWrites(() => states.push(db.writeOf(transaction)?.state.name ?? ''))
    await eventually(() => expect(states).toEqual(['acknowledged']))
    // As long as ten of the times in which the log is asked.
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect([db.writeOf(transaction)?.state.name, db.collections.users.size]).toEqual(['acknowledged', 1])
    expect((await logOf(url)).map(({ key }) => key)).toEqual(['a'])
    await proxy.heal()
    proxy.cut()
    await transaction.when('settled')
    expect(states).toEqual(['acknowledged', 'confirmed'])
  })

  test('[F-real-62][F-write-4] accepted, and not stored: unknown once the log, read to its end, does not have it', async () => {
    const { db } = await openScripted(
      (request, reply) => {
        if (request.method === 'POST') reply.page({ nextOffset: '1' })
        else if (request.live === 'sse') reply.sse()
        else reply.page({ nextOffset: '1', upToDate: true })
      },
      { confirmTimeout: 40 },
    )
    await db.preload()
    const transaction = db.collections.users.insert(ada)
    await expect(transaction.when('settled')).rejects.toMatchObject({
      code: 'write-unknown',
      message: expect.stringMatching(/acknowledged.*Check that/) as unknown,
    })
    expect(db.collections.users.size).toBe(0)
  })

  test('[F-write-4] given up after the last attempt: unknown', async () => {
    const { db, proxy } = await openProxied({ retry: { initialDelay: 1, maxDelay: 1, maxRetries: 2 } })
    proxy.fault({ kind: 'answer', status: 500 }, { times: Infinity, match: /^POST/ })
    await expect(db.collections.users.insert(ada).when('settled')).rejects.toMatchObject({
      code: 'write-unknown',
    })
    expect(proxy.requests.filter(({ method }) => method === 'POST')).toHaveLength(3)
  })

  test('[F-write-3] the answer is lost, and the row is seen: confirmed, and not sent again', async () => {
    const { db, url, proxy, posts } = await openProxied()
    proxy.fault({ kind: 'cut', after: 'nothing', by: 'rst' }, { match: /^POST/ })
    await db.collections.users.insert(ada).when('settled')
    await db.collections.users.insert({ id: 'b', name: 'B' }).when('settled')
    expect(posts()).toBe(2)
    expect(await logOf(url)).toHaveLength(2)
  })
})

test('[F-write-3] an answer that does not come holds up what is written next for a moment only', async () => {
  const { db, proxy, posts } = await openProxied()
  proxy.fault({ kind: 'delay', ms: 60_000 }, { match: /^POST/ })
  await db.collections.users.insert(ada).when('settled')
  const began = performance.now()
  await db.collections.users.insert({ id: 'b', name: 'B' }).when('settled')
  expect(performance.now() - began).toBeLessThan(4000)
  expect(posts()).toBe(2)
})

describe('pending at an end', () => {
  test('[F-write-5] close(): sent, in flight and queued are all settled before it returns, as closed', async () => {
    const { db, proxy } = await openProxied()
    proxy.fault({ kind: 'blackhole' }, { times: Infinity, match: /^POST/ })
    const first = db.collections.users.insert(ada)
    await eventually(() => expect(proxy.requests.some(({ method }) => method === 'POST')).toBe(true))
    const second = db.collections.users.update('a', (draft) => void (draft.name = 'again'))
    expect(db.pendingWrites).toHaveLength(2)
    db.close()
    expect(db.pendingWrites).toEqual([])
    for (const each of [first, second]) {
      expect(db.writeOf(each)?.state).toMatchObject({ name: 'failed', error: { code: 'closed' } })
      await expect(each.when('settled')).rejects.toMatchObject({ code: 'closed' })
    }
    await eventually(() => expect(proxy.connections).toBe(0))
  })

  test('[F-write-5] a failure of the stream: what is in flight is unknown, what was not sent has its reason', async () => {
    let fail = false
    const { db } = await openScripted((request, reply) => {
      if (request.method === 'POST') reply.hang()
      else if (fail) reply.status(404)
      else if (request.live === undefined) reply.page({ nextOffset: '1', upToDate: true })
      else setTimeout(() => reply.destroy(), 20)
    })
    await db.preload()
    const inFlight = db.collections.users.insert(ada)
    await new Promise(setImmediate)
    const queued = db.collections.users.insert({ id: 'b', name: 'B' })
    fail = true
    await expect(inFlight.when('settled')).rejects.toMatchObject({ code: 'write-unknown' })
    await expect(queued.when('settled')).rejects.toMatchObject({ code: 'stream-not-found' })
    expect([db.status.name, db.pendingWrites]).toEqual(['failed', []])
  })

  test('[F-mat-1] a reset leaves the optimistic row on top, and the write is confirmed', async () => {
    const log = createManualLog()
    const db = createStreamDB({
      streamOptions: { url: 'http://stream.test/room', fetch: log.fetch, warnOnHttp: false },
      state: room,
      live: 'long-poll',
    })
    await db.preload()
    const transaction = db.collections.users.insert(ada)
    await eventually(() => expect(log.waiting).toBe(1))
    // Events of ours.
    log.append([user('u1'), control('reset'), user('u2')] as Parameters<typeof log.append>[0])
    await eventually(() => expect(db.collections.users.has('u2')).toBe(true))
    expect([...db.collections.users.keys()].sort()).toEqual(['a', 'u2'])
    log.decide('store')
    await transaction.when('settled')
    expect([...db.collections.users.keys()].sort()).toEqual(['a', 'u2'])
    db.close()
  })
})

describe('the state of a write', () => {
  test('goes from pending to acknowledged to confirmed; snapshots are the same between changes', async () => {
    const { db } = await openProxied()
    expect(db.pendingWrites).toBe(db.pendingWrites)
    const seen: string[] = []
    let snapshot = db.pendingWrites
    const leave = db.subscribeWrites(() => {
      expect(db.pendingWrites).not.toBe(snapshot)
      snapshot = db.pendingWrites
      expect(db.pendingWrites).toBe(snapshot)
      seen.push(snapshot.map(({ state }) => state.name).join())
    })
    db.subscribeWrites(() => {
      throw new Error('mistake of a listener')
    })
    const transaction = db.collections.users.insert(ada)
    expect(db.collections.users.get('a')).toMatchObject({ $synced: false, $hasPendingWrites: true })
    await transaction.when('settled')
    expect(db.collections.users.get('a')).toMatchObject({ $synced: true, $hasPendingWrites: false })
    expect(seen).toEqual(['pending', 'acknowledged', ''])
    expect(db.writeOf(transaction)?.state).toEqual({ name: 'confirmed' })
    leave()
    await db.collections.users.delete('a').when('settled')
    expect(seen).toHaveLength(3)
  })
})

describe('awaitTxId', () => {
  test('[W4] errors name the txid, the offset, the connection, and what was seen lately', async () => {
    const { db } = await openProxied({ items: [user('u1', 'Ada', 'tx-seen')] })
    const error: unknown = await db.utils.awaitTxId('tx-lost', 10).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'txid-timeout' })
    for (const part of ['tx-lost', db.offset, 'live', 'tx-seen'])
      expect((error as StreamDBError).message).toContain(part)
    const controller = new AbortController()
    const aborted = db.utils.awaitTxId('tx-lost', { signal: controller.signal, timeout: Infinity })
    controller.abort(new Error('no longer of interest'))
    await expect(aborted).rejects.toMatchObject({
      code: 'aborted',
      cause: { message: 'no longer of interest' },
    })
    const closing = db.utils.awaitTxId('tx-lost')
    db.close()
    await expect(closing).rejects.toMatchObject({ code: 'closed' })
    await expect(db.utils.awaitTxId('tx-seen')).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('failures that nobody waits for', () => {
  test('[F-real-28] a refused write goes to onError, with the write; one that is waited for does not', async () => {
    const errors: [StreamDBError, Write | undefined][] = []
    const { db, proxy } = await openProxied({ onError: (error, write) => errors.push([error, write]) })
    proxy.fault({ kind: 'answer', status: 422 }, { times: 2, match: /^POST/ })
    const waited = db.collections.users.insert(ada)
    await expect(waited.when('settled')).rejects.toMatchObject({ code: 'write-failed' })
    const unheard = db.collections.users.insert(ada)
    await eventually(() => expect(errors).toHaveLength(1))
    expect(errors).toMatchObject([
      [{ code: 'write-failed' }, { transaction: unheard, state: { name: 'failed' } }],
    ])
  })

  test('[F-real-28] without onError it is a warning of the console; what its owner rolls back, and what close() ends, is none', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warned.mockRestore())
    const { db, proxy } = await openProxied()
    proxy.fault({ kind: 'answer', status: 422 }, { match: /^POST/ })
    db.collections.users.insert(ada)
    await eventually(() => expect(warned).toHaveBeenCalledTimes(1))
    expect(String(warned.mock.calls[0])).toMatch(/A write failed and was rolled back: .*422/)
    proxy.fault({ kind: 'blackhole' }, { times: Infinity, match: /^POST/ })
    db.collections.users.insert(ada).rollback()
    db.collections.users.insert(ada)
    db.close()
    await new Promise(setImmediate)
    expect(warned).toHaveBeenCalledTimes(1)
  })

  test('[F-real-29] what is said to people does not begin with an id', async () => {
    const { db, proxy } = await openProxied()
    proxy.fault({ kind: 'answer', status: 422 }, { match: /^POST/ })
    const error: unknown = await db.collections.users
      .insert(ada)
      .when('settled')
      .catch((reason: unknown) => reason)
    expect((error as StreamDBError).message).not.toMatch(/^[^ ]*[0-9a-f]{8}-/)
    expect((error as StreamDBError).message).toContain('422')
  })
})

describe('many at once', () => {
  test('[F-real-13] thousands of single inserts in one turn are all confirmed, however long the turn is', async () => {
    const { db, url } = await openProxied({ confirmTimeout: 1 })
    const all = Array.from({ length: 4000 }, (_, each) =>
      db.collections.users.insert({ id: `u${each}`, name: 'x' }),
    )
    await Promise.all(all.map((each) => each.when('settled')))
    expect([db.collections.users.size, (await logOf(url)).length]).toEqual([4000, 4000])
  }, 30_000)

  test('[F-real-77] close() ends thousands of unsent writes in one publication', async () => {
    const { db, proxy } = await openProxied()
    proxy.fault({ kind: 'blackhole' }, { times: Infinity, match: /^POST/ })
    for (let each = 0; each < 2000; each++) db.collections.users.insert({ id: `u${each}`, name: 'x' })
    const published = publicationsOf(db.collections.users)
    db.close()
    expect(published.map((changes) => changes.length)).toEqual([2000])
    expect(db.pendingWrites).toEqual([])
  })
})
