import { batchHandler, eventually } from '@streamdb/testkit'
import { openProxied, openRoom, openScripted, roomServer, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

/** A browser's window, as far as it tells of the network. */
function stubWindow(): { go: (type: 'online' | 'offline') => void } {
  const target = new EventTarget()
  const navigator = { onLine: true }
  vi.stubGlobal('navigator', navigator)
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target))
  onTestFinished(() => void vi.unstubAllGlobals())
  return {
    go(type) {
      navigator.onLine = type === 'online'
      target.dispatchEvent(new Event(type))
    },
  }
}

describe('[F-real-34] a browser that is offline', () => {
  test('the status says so at once, since when, and live again when something was read', async () => {
    const { go } = stubWindow()
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    const names: string[] = []
    db.subscribeStatus(({ name }) => void names.push(name))
    const before = Date.now()
    go('offline')
    expect(db.status).toEqual({ name: 'offline', since: expect.any(Number) as unknown })
    expect('since' in db.status && db.status.since >= before).toBe(true)
    go('online')
    await eventually(() => expect(db.status.name).toBe('live'))
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect([...new Set(names)]).toEqual(['offline', 'reconnecting', 'live'])
  })

  test('a database that is started offline says so, and loads when there is a network', async () => {
    const { go } = stubWindow()
    go('offline')
    let isDown = true
    const handler = batchHandler([[user('u1')]])
    const { db } = await openScripted((request, reply) =>
      isDown ? reply.destroy() : handler(request, reply),
    )
    const loading = db.preload()
    await eventually(() => expect(db.status.name).toBe('offline'))
    isDown = false
    go('online')
    await loading
    expect(db.status.name).toBe('live')
  })

  test('what is read although it says so is evidence against it', async () => {
    const { go } = stubWindow()
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    go('offline')
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(db.status.name).toBe('live')
  })

  test('a connection that breaks after that is lost because the browser is offline', async () => {
    const { go } = stubWindow()
    const { db, url, proxy } = await openProxied({ items: [user('u1')] })
    go('offline')
    // What was under way when the network went is still read.
    await (await roomServer()).appendItems(url, [user('u2')])
    await eventually(() => expect(db.status.name).toBe('live'))
    await proxy.refuse()
    await eventually(() => expect(db.status.name).toBe('offline'))
    expect(db.status).toHaveProperty('since')
  })

  test('[L1] a closed database hears nothing', async () => {
    const { go } = stubWindow()
    const { db } = await openRoom([user('u1')])
    await db.preload()
    db.close()
    go('offline')
    go('online')
    expect(db.status.name).toBe('closed')
  })
})
