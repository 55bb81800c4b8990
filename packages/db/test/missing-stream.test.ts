import { eventually } from '@streamdb/testkit'
import { quick, room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { CreateStreamDBOptions, StreamDB } from '../src/index.ts'

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

describe('[F-net-5] a missing stream', () => {
  test('fails by default; preload() can be called again', async () => {
    const { db, create } = await openMissing()
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    await create([user('u1')])
    await db.preload()
    await eventually(() => expect(db.collections.users.size).toBe(1))
  })

  test('onMissing wait: is waited for, and the status says so', async () => {
    const { db, create } = await openMissing({ onMissing: 'wait' })
    const loaded = db.preload()
    await eventually(() =>
      expect(db.status).toMatchObject({ name: 'reconnecting', error: { code: 'stream-not-found' } }),
    )
    await create([user('u1')])
    await loaded
    await eventually(() => expect(db.collections.users.size).toBe(1))
    expect(db.status.name).toBe('live')
  })

  test('onMissing create: is created, and is live', async () => {
    const { db } = await openMissing({ onMissing: 'create' })
    await db.preload()
    expect(db.status.name).toBe('live')
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
  })

  test('onMissing create: two at once share one stream', async () => {
    const { db, url } = await openMissing({ onMissing: 'create' })
    const other = createStreamDB({ streamOptions: { url }, state: room, onMissing: 'create' })
    onTestFinished(() => other.close())
    await Promise.all([db.preload(), other.preload()])
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    await eventually(() => expect(other.collections.users.size).toBe(1))
  })

  test.each([{ onMissing: 'create' }, { onMissing: 'wait' }] as const)(
    '%o: deleted while live and created again, the state is rebuilt from the start',
    async (options) => {
      const { db, url, create } = await openMissing(options)
      const kit = await roomServer()
      await create([user('u1')])
      await db.preload()
      await eventually(() => expect(db.collections.users.size).toBe(1))
      await kit.deleteStream(url)
      if (options.onMissing === 'wait') {
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

  test('a write to a stream that is created meanwhile is stored', async () => {
    const kit = await roomServer()
    const db = createStreamDB({
      streamOptions: { url: `${kit.url}/made-by-a-write` },
      state: room,
      onMissing: 'create',
      retry: quick,
    })
    onTestFinished(() => db.close())
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
  })
})
