import type { Status } from '@streamdb/db'
import type { StorageStatus } from '@streamdb/log'
import { compactStream } from '@streamdb/server'
import { eventually } from '@streamdb/testkit'
import { control, message, openRoom, quick, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'
import { createMemoryBlocks, createStorage, createStreamStore, memoryStorage } from '../src/index.ts'

describe('a database with storage', () => {
  test('[S1] a second one shows what the first has read, without reading the log again', async () => {
    const storage = memoryStorage()
    const kit = await roomServer()
    const first = await openRoom([user('u1', 'Ada'), message('m1', 'u1', 'hello')], { storage })
    await first.db.preload()
    await first.db.storage?.flush()
    const { offset } = first.db
    first.db.close()
    await kit.appendItems(first.url, [user('u2', 'Bob')])

    const offsets: (string | null)[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if ((init?.method ?? 'GET') === 'GET') offsets.push(url.searchParams.get('offset'))
      return globalThis.fetch(input, init)
    }
    const second = await openRoom([], { url: first.url, storage, streamOptions: { url: first.url, fetch } })
    await second.db.preload()
    expect(rowsOf(second.db.collections.users)).toEqual({
      u1: { id: 'u1', name: 'Ada' },
      u2: { id: 'u2', name: 'Bob' },
    })
    expect(rowsOf(second.db.collections.messages)).toEqual({
      m1: { id: 'm1', userId: 'u1', text: 'hello', likes: 0 },
    })
    expect(offsets.filter((each) => each !== '-1')).toContain(offset)
  })

  test('[S1] stored rows are shown at once, with their age, while the server cannot be reached', async () => {
    const storage = memoryStorage()
    const first = await openRoom([user('u1', 'Ada')], { storage })
    await first.db.preload()
    first.db.close()
    await first.db.storage?.flush()

    const statuses: Status[] = []
    const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'))
    const { db } = await openRoom([], {
      url: first.url,
      storage,
      streamOptions: { url: first.url, fetch },
      retry: quick,
    })
    db.subscribeStatus((status) => statuses.push(status))
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    expect(db.collections.users.status).toBe('ready')
    const restored = statuses.find(({ name }) => name === 'catching-up')
    expect(restored).toMatchObject({ from: 'storage' })
    expect(Date.now() - ((restored as { storedAt?: number }).storedAt ?? 0)).toBeLessThan(60_000)
    await eventually(() => expect(db.status.name).toBe('reconnecting'))
  })

  test('[S2] a live change is saved, and a deletion', async () => {
    const storage = memoryStorage()
    const { db, url, append } = await openRoom([user('u1'), user('u2')], { storage })
    await db.preload()
    await append(user('u3'), { type: 'user', key: 'u1', headers: { operation: 'delete' } })
    await eventually(() => expect(db.collections.users.size).toBe(2))
    await db.storage?.flush()
    db.close()
    const again = await openRoom([], { url, storage })
    await again.db.preload()
    expect([...again.db.collections.users.keys()]).toEqual(['u2', 'u3'])
    expect(again.db.storage?.status.get()).toMatchObject({ name: 'ready' })
  })

  test('[S2] one that is opened at once after another was closed finds what that one showed', async () => {
    const storage = memoryStorage()
    const { db, url } = await openRoom([user('u1', 'Ada')], { storage })
    await db.preload()
    db.close()
    const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'))
    const again = await openRoom([], { url, storage, streamOptions: { url, fetch }, retry: quick })
    await again.db.preload()
    expect(rowsOf(again.db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
  })

  test('[S2] a snapshot that has not ended is not stored', async () => {
    const storage = memoryStorage()
    const { db, url, append } = await openRoom([user('u1')], { storage })
    await db.preload()
    await append(user('u2'))
    await append(control('snapshot-start'), user('u3'))
    await eventually(() => expect(db.insideSnapshot).toBe(true))
    await db.storage?.flush()
    const { checkpoint } = db
    db.close()
    const again = await openRoom([], { url, storage })
    await again.db.preload()
    expect([...again.db.collections.users.keys()]).toEqual(['u1', 'u2'])
    await append(control('snapshot-end'))
    await eventually(() => expect([...again.db.collections.users.keys()]).toEqual(['u3']))
    expect(checkpoint.offset).not.toBe(again.db.offset)
    await again.db.storage?.flush()
    again.db.close()
    const third = await openRoom([], { url, storage })
    await third.db.preload()
    expect([...third.db.collections.users.keys()]).toEqual(['u3'])
  })

  test('[S6] a database that was not started has nothing to save', async () => {
    const { db } = await openRoom([user('u1')], { storage: memoryStorage() })
    await db.storage?.flush()
    expect(db.storage?.status.get()).toEqual({ name: 'idle' })
  })

  test('[S6] where nothing is stored, the status says when something is', async () => {
    const storage = memoryStorage()
    const { db } = await openRoom([user('u1')], { storage })
    const statuses: StorageStatus['name'][] = []
    db.storage?.status.subscribe(() => statuses.push(db.storage?.status.get().name ?? 'idle'))
    expect(db.storage?.status.get()).toEqual({ name: 'idle' })
    await db.preload()
    await db.storage?.flush()
    db.close()
    expect(statuses).toEqual(['opening', 'ready', 'ready', 'closed'])
  })
})

describe('beside the last rows first', () => {
  test('[R5] everything is loaded and stored, and shown at once by the next one', async () => {
    const storage = memoryStorage()
    const kit = await roomServer()
    const items = Array.from({ length: 100 }, (_, index) => message(`m${index}`, 'u1', 'hello'))
    const url = await kit.createStream(undefined, { items })
    await compactStream({ source: url, maxBody: 500, pageRows: 10 })
    for (const visit of ['first', 'next']) {
      const { db } = await openRoom([], { url, storage, load: { last: 5, of: 'message' } })
      const froms: unknown[] = []
      db.subscribeStatus((status) => void (status.name === 'catching-up' && froms.push(status.from)))
      await db.preload()
      expect(db.collections.messages.size).toBe(100)
      expect(db.older).toEqual({ remaining: 0, loading: false })
      expect(froms.includes('storage')).toBe(visit === 'next')
      await db.storage?.flush()
      expect((await db.storage?.size())?.rows).toBe(100)
      db.close()
      await db.storage?.flush()
    }
  })
})

test('[S7] users of any name have a place of their own', async () => {
  const store = createStreamStore(createMemoryBlocks())
  const { url } = await openRoom([user('u1', 'Ada')])
  const names = [
    '',
    'a',
    'a/b',
    'a%2Fb',
    '..',
    'a b',
    '\u00e9',
    'e\u0301',
    '__proto__',
    '\ud800',
    '"\\ud800"',
  ]
  for (const name of names) {
    const { db } = await openRoom([], { url, storage: createStorage(store, { user: name }) })
    expect(await db.storage?.size(), name).toEqual({ rows: 0, writes: 0, bytes: 0 })
    await db.preload()
    await db.storage?.flush()
    expect((await db.storage?.size())?.rows, name).toBe(1)
    db.close()
  }
})
