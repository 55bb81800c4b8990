import { getEventListeners } from 'node:events'
import { batchHandler, eventually, startFaultProxy } from '@streamdb/testkit'
import { openProxied, openRoom, openScripted, room, roomServer, user } from '@streamdb/testkit/rooms'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createStreamDB } from '../src/index.ts'

describe('[F-net-9] a page is hidden and shown, or comes back online', () => {
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

  test('a page that is hidden and shown repeatedly has one live connection', async () => {
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

  test('the clock of a waiter without a time of its own stops while the page is hidden', async () => {
    stubBrowser()
    const { db } = await openRoom([], { live: 'long-poll' })
    await db.preload()
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const failed = vi.fn()
    void db.utils.awaitTxId('never').catch(failed)
    await vi.advanceTimersByTimeAsync(4_600)
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

  test('[F-real-4] a time that was asked for runs while the page is hidden', async () => {
    stubBrowser()
    const { db } = await openRoom([], { live: 'long-poll' })
    await db.preload()
    page.hidden = true
    page.dispatchEvent(new Event('visibilitychange'))
    await expect(db.utils.awaitTxId('never', 20)).rejects.toMatchObject({ code: 'txid-timeout' })
    await expect(db.utils.awaitTxId('never', { timeout: 20 })).rejects.toMatchObject({ code: 'txid-timeout' })
    page.hidden = false
  })
})
