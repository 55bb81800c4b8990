import { batchHandler } from '@streamdb/testkit'
import { message, openRoom, openScripted, roomServer, user } from '@streamdb/testkit/rooms'
import { describe, expect, test, vi } from 'vitest'
import { awaitTxId } from '../src/writes/txids.ts'
import { TxIds } from '../src/writes/txids.ts'

describe('awaitTxId', () => {
  test('[F-life-7] before preload() it waits, and settles with the first load', async () => {
    const { db } = await openRoom([user('u1', 'n', 'tx-1')])
    let settled = false
    const waiting = db.utils.awaitTxId('tx-1').then(() => (settled = true))
    await Promise.resolve()
    expect(settled).toBe(false)
    void db.preload()
    await waiting
    expect(db.collections.users.has('u1')).toBe(true)
    await db.utils.awaitTxId('tx-1')
  })

  test('[F-life-7] with Infinity it sets no timer', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const waiting = db.utils.awaitTxId('tx-1', Infinity)
    const delays = timers.mock.calls.map(([, ms]) => ms)
    timers.mockRestore()
    expect(delays).toEqual([])
    await append(user('u1', 'n', 'tx-1'))
    await waiting
  })

  test('[F-life-7] with a time longer than a timer can count it does not fire at once', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const waiting = db.utils.awaitTxId('tx-1', 2 ** 40)
    await append(user('u1', 'n', 'tx-1'))
    await expect(waiting).resolves.toBeUndefined()
  })

  test('[W4] after its time it rejects; the error names the txid, the offset, the status and what was seen', async () => {
    const { db } = await openRoom([user('u1', 'n', 'tx-seen')])
    await db.preload()
    const error: unknown = await db.utils.awaitTxId('tx-never', 5).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'StreamDBError', code: 'txid-timeout' })
    for (const part of ['tx-never', '5 ms', db.offset, 'live', 'tx-seen'])
      expect(String(error)).toContain(part)
  })

  test('[F-life-7] an AbortSignal ends it, with its reason as the cause, and keeps no listener', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const reason = new Error('no more')
    const leaving = new AbortController()
    const waiting = db.utils.awaitTxId('tx-1', { signal: leaving.signal })
    leaving.abort(reason)
    await expect(waiting).rejects.toMatchObject({ code: 'aborted', cause: reason })
    await expect(db.utils.awaitTxId('tx-1', { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'aborted',
    })

    const staying = new AbortController()
    const removed = vi.spyOn(staying.signal, 'removeEventListener')
    const settled = db.utils.awaitTxId('tx-2', { signal: staying.signal })
    await append(user('u1', 'n', 'tx-2'))
    await settled
    expect(removed).toHaveBeenCalled()
  })

  test('[F-life-7] a transaction that spans batches settles when its rows are visible', async () => {
    const { db } = await openScripted((request, reply) => {
      if (request.live === undefined)
        return reply.page({ nextOffset: request.offset === '-1' ? '0' : request.offset, upToDate: true })
      const sse = reply.sse().control({ nextOffset: '0' })
      sse.data([user('u1', 'n', 'tx-1')]).control({ nextOffset: '1', upToDate: false })
      sse.data([message('m1', 'u1', 'hi', 'tx-1')]).control({ nextOffset: '2' })
    })
    await db.preload()
    await db.utils.awaitTxId('tx-1')
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([1, 1])
  })

  test('[W1] a transaction whose events are all invalid does not settle: no row of it is visible', async () => {
    const { db } = await openRoom([
      { type: 'user', key: 'u1', value: {}, headers: { operation: 'insert', txid: 'tx-bad' } },
    ])
    await db.preload()
    await expect(db.utils.awaitTxId('tx-bad', 10)).rejects.toMatchObject({ code: 'txid-timeout' })
    expect(db.issues.total).toBe(1)
  })

  test.each([
    ['', 100],
    ['tx', Number.NaN],
  ])('refuses the txid "%s" with the timeout %s', async (txid, timeout) => {
    const { db } = await openRoom()
    await expect(db.utils.awaitTxId(txid, timeout)).rejects.toMatchObject({ code: 'invalid-options' })
  })

  test('many may wait for one', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const waiting = Promise.all(Array.from({ length: 50 }, () => db.utils.awaitTxId('tx-1')))
    await append(user('u1', 'n', 'tx-1'))
    await waiting
  })
})

describe('[F-life-6] the memory for txids', () => {
  test('200,000 transactions in one first load: the last are remembered, the one that is waited for settles', async () => {
    const pages = Array.from({ length: 20 }, (_, page) =>
      Array.from({ length: 10_000 }, (_row, n) => ({
        type: 'user',
        key: String(n % 10),
        value: { name: 'n' },
        headers: { operation: 'upsert', txid: `tx-${page * 10_000 + n}` },
      })),
    )
    const { db } = await openScripted(batchHandler(pages))
    const awaited = db.utils.awaitTxId('tx-3', Infinity)
    await db.preload()
    await awaited
    await db.utils.awaitTxId('tx-199999')
    await expect(db.utils.awaitTxId('tx-4', 1)).rejects.toMatchObject({ code: 'txid-timeout' })
  }, 20_000)

  test('evict() keeps the newest txids and the awaited ones', () => {
    const txids = new TxIds(() => '', 3)
    void awaitTxId(txids, 'a', Infinity)
    const set = new Set(['a', 'b', 'c', 'd', 'e'])
    txids.evict(set)
    expect([...set]).toEqual(['a', 'd', 'e'])
  })

  test('a settled wait leaves nothing behind', async () => {
    const txids = new TxIds(() => '', 2)
    const leaving = new AbortController()
    const given = awaitTxId(txids, 'never', { timeout: Infinity, signal: leaving.signal })
    const seen = awaitTxId(txids, 'a', Infinity)
    txids.markSeen(['a', 'b', 'c', 'd'])
    leaving.abort(new Error('left'))
    await seen
    await expect(given).rejects.toMatchObject({ code: 'aborted', cause: { message: 'left' } })
    expect(txids.recent(10)).toEqual(['d', 'c'])
    // What is waited for would be kept.
    const set = new Set(['a', 'never', 'y', 'z'])
    txids.evict(set)
    expect([...set]).toEqual(['y', 'z'])
  })
})

test('[W4] a wait ends when the stream ends', async () => {
  const { db, url } = await openRoom([user('u1')])
  await db.preload()
  const kit = await roomServer()
  const waiting = db.utils.awaitTxId('never', Infinity)
  await kit.closeStream(url)
  await expect(waiting).rejects.toMatchObject({ code: 'stream-ended' })
})

describe('[F-real-50] one txid over several appends', () => {
  test('awaitTxId() resolves with the first; the last has a txid of its own to wait for', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const first = db.utils.awaitTxId('tx')
    await append(user('u1', 'Ada', 'tx'))
    await first
    expect(db.collections.users.size).toBe(1)
    const last = db.utils.awaitTxId('tx-last')
    await append(user('u2', 'Grace', 'tx'))
    await append(user('u3', 'Edith', 'tx-last'))
    await last
    expect(db.collections.users.size).toBe(3)
  })

  test('the events of one append are visible together', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const seen = db.utils.awaitTxId('tx').then(() => db.collections.users.size)
    await append(user('u1', 'Ada', 'tx'), user('u2', 'Grace', 'tx'))
    expect(await seen).toBe(2)
  })
})
