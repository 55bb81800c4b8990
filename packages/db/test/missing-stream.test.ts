import { getEventListeners } from 'node:events'
import { batchHandler, eventually, startFaultProxy } from '@streamdb/testkit'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { CreateStreamDBOptions, StreamDB } from '../src/index.ts'
import { openProxied } from './proxied.ts'
import { openScripted, quick, room, roomServer, rowsOf, user } from './rooms.ts'
import type { Room } from './rooms.ts'

let streams = 0

/** A database on a stream that does not exist; the server's URL of it too. */
async function openMissing(
  options: Partial<CreateStreamDBOptions<Room>> = {},
): Promise<{ db: StreamDB<Room>; url: string; create: (items?: readonly unknown[]) => Promise<string> }> {
  const kit = await roomServer()
  const path = `/missing-${++streams}`
  const url = kit.url + path
  // The server may leave a connection open when its stream is deleted: a silent one is soon made anew.
  const retry = { ...quick, idleTimeout: 200 }
  const db = createStreamDB({ streamOptions: { url }, state: room, retry, ...options })
  onTestFinished(() => db.close())
  return { db, url, create: (items = []) => kit.createStream(path, { items }) }
}

describe('[F-net-5] a stream that is not there', () => {
  test('fails, unless told otherwise; and preload() can be called again', async () => {
    const { db, create } = await openMissing()
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    await create([user('u1')])
    await db.preload()
    await eventually(() => expect(db.collections.users.size).toBe(1))
  })

  test('waitForStream: is waited for, and the status says so', async () => {
    const { db, create } = await openMissing({ waitForStream: true })
    const loaded = db.preload()
    await eventually(() =>
      expect(db.status).toMatchObject({ name: 'reconnecting', error: { code: 'stream-not-found' } }),
    )
    await create([user('u1')])
    await loaded
    await eventually(() => expect(db.collections.users.size).toBe(1))
    expect(db.status.name).toBe('live')
  })

  test('createIfMissing: is created, and is live', async () => {
    const { db } = await openMissing({ createIfMissing: true })
    await db.preload()
    expect(db.status.name).toBe('live')
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
  })

  test('createIfMissing: two at once share one stream', async () => {
    const { db, url } = await openMissing({ createIfMissing: true })
    const other = createStreamDB({ streamOptions: { url }, state: room, createIfMissing: true })
    onTestFinished(() => other.close())
    await Promise.all([db.preload(), other.preload()])
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    await eventually(() => expect(other.collections.users.size).toBe(1))
  })

  test.each([{ createIfMissing: true }, { waitForStream: true }])(
    '%o: deleted in mid life and made anew, the state is rebuilt from the start',
    async (options) => {
      const { db, url, create } = await openMissing(options)
      const kit = await roomServer()
      await create([user('u1')])
      await db.preload()
      await eventually(() => expect(db.collections.users.size).toBe(1))
      await kit.deleteStream(url)
      if (options.waitForStream) {
        const missing = { name: 'reconnecting', error: { code: 'stream-not-found' } }
        await eventually(() => expect(db.status).toMatchObject(missing))
        await create([user('u2')])
      } else {
        await eventually(() => expect(db.collections.users.size).toBe(0))
        await kit.appendItems(url, [user('u2')])
      }
      await eventually(() => expect([...db.collections.users.keys()]).toEqual(['u2']))
      await eventually(() => expect(db.status.name).toBe('live'))
    },
  )
})

describe('[F-net-9] waking', () => {
  // Node has neither a window nor a page: the events are a browser's.
  const page = Object.assign(new EventTarget(), { hidden: false })
  const network = new EventTarget()
  afterEach(() => vi.unstubAllGlobals())

  function stubBrowser(): void {
    vi.stubGlobal('document', page)
    vi.stubGlobal('addEventListener', network.addEventListener.bind(network))
    vi.stubGlobal('removeEventListener', network.removeEventListener.bind(network))
  }

  test.each(['online', 'visibilitychange'])('%s tries again at once', async (event) => {
    stubBrowser()
    const kit = await roomServer()
    const direct = await kit.createStream(undefined, { items: [user('u1')] })
    const proxy = await startFaultProxy(kit.url)
    onTestFinished(() => proxy.close())
    await proxy.refuse()
    const db = createStreamDB({
      streamOptions: { url: proxy.through(direct) },
      state: room,
      retry: { initialDelay: 3_600_000, maxDelay: 3_600_000 },
    })
    onTestFinished(() => db.close())
    const loaded = db.preload()
    await eventually(() => expect(db.status.name).toBe('reconnecting'))
    await proxy.heal()
    ;(event === 'online' ? network : page).dispatchEvent(new Event(event))
    await loaded
    expect(db.status.name).toBe('live')
  })

  test('pages and live connections leave no listener on the document', async () => {
    stubBrowser()
    const listeners = (): number => getEventListeners(page, 'visibilitychange').length
    const batches = Array.from({ length: 20 }, (_, each) => [user(`u${each}`)])
    const { db } = await openScripted(batchHandler(batches))
    await db.preload()
    expect(db.collections.users.size).toBe(20)
    await eventually(() => expect(listeners()).toBeLessThanOrEqual(2))
    db.close()
    await eventually(() => expect(listeners()).toBe(0))
  })

  test('a page that is hidden and shown again and again has one live connection', async () => {
    stubBrowser()
    const { db, url, proxy } = await openProxied({ live: 'sse' })
    const kit = await roomServer()
    const toggle = (hidden: boolean): void => {
      page.hidden = hidden
      page.dispatchEvent(new Event('visibilitychange'))
    }
    for (let round = 0; round < 6; round++) {
      await eventually(() => expect(db.status.name).toBe('live'))
      toggle(true)
      if (round % 2 === 0) await kit.appendItems(url, [user(`hidden${round}`)])
      toggle(false)
      await kit.appendItems(url, [user(`shown${round}`)])
      await eventually(() => expect(db.collections.users.has(`shown${round}`)).toBe(true))
    }
    // One of the pages may still be kept open, to be used again.
    await eventually(() => expect(proxy.connections).toBeLessThanOrEqual(2))
    db.close()
  })

  test("waiters' clocks stand still while the page is hidden", async () => {
    stubBrowser()
    const { db } = await openMissing({ createIfMissing: true })
    await db.preload()
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const failed = vi.fn()
    void db.utils.awaitTxId('never', 1000).catch(failed)
    await vi.advanceTimersByTimeAsync(600)
    page.hidden = true
    page.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(failed).not.toHaveBeenCalled()
    page.hidden = false
    page.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(390)
    expect(failed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(20)
    expect(failed).toHaveBeenCalledOnce()
  })
})
