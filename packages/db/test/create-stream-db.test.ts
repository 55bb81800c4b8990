import { createLiveQueryCollection, eq } from '../src/index.ts'
import { eventually } from '@streamdb/testkit'
import { message, openRoom, plain, room, rowsOf, user } from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'

describe('reading', () => {
  test('preload() resolves when everything that the stream holds is visible', async () => {
    const { db, append } = await openRoom([user('u1'), message('m1', 'u1')])
    expect(db.status).toEqual({ name: 'idle' })
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'name of u1' } })
    expect(plain(db.collections.messages.get('m1'))).toEqual({
      id: 'm1',
      userId: 'u1',
      text: 'text of m1',
      likes: 0,
    })
    expect(db.status.name).toBe('live')
    const offset = await append(user('u2'))
    await eventually(() => expect(db.collections.users.has('u2')).toBe(true))
    expect(db.offset).toBe(offset)
  })

  test.each(['sse', 'long-poll', true] as const)('live: %s follows the stream', async (live) => {
    const { db, append } = await openRoom([user('u1')], { live })
    await db.preload()
    for (const id of ['a', 'b', 'c']) {
      await append(user(id))
      await eventually(() => expect(db.collections.users.has(id)).toBe(true))
    }
    await append(room.users.delete({ key: 'a' }))
    await eventually(() => expect(db.collections.users.has('a')).toBe(false))
    expect(db.status.name).toBe('live')
  })

  test('live: false reads to the end and stops', async () => {
    const { db } = await openRoom([user('u1')], { live: false })
    await db.preload()
    expect(db.collections.users.size).toBe(1)
    await eventually(() => expect(db.status).toEqual({ name: 'ended', reason: 'not-live' }))
  })

  test('[C1] a join never shows half of a transaction, and publishes once for it', async () => {
    const { db, append } = await openRoom()
    await db.preload()
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: db.collections.messages })
        .leftJoin({ user: db.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, name: u?.name })),
    )
    await joined.preload()
    let publications = 0
    const names: unknown[] = []
    joined.subscribeChanges((changes) => {
      publications++
      for (const change of changes) names.push(change.value.name)
    })
    for (let i = 0; i < 20; i++)
      await append(message(`m${i}`, `u${i}`, 'hi', `tx${i}`), user(`u${i}`, 'n', `tx${i}`))
    await db.utils.awaitTxId('tx19')
    expect(names).toEqual(Array(20).fill('n'))
    expect(publications).toBeLessThanOrEqual(20)
  })
})

describe('writing', () => {
  test('[W1] an insert is shown at once, and confirmed through the log', async () => {
    const { db, url } = await openRoom([user('u1')])
    await db.preload()
    const changes: string[] = []
    db.collections.messages.subscribeChanges((all) => changes.push(...all.map((change) => change.type)))
    const transaction = db.collections.messages.insert({ id: 'm1', userId: 'u1', text: 'hello' })
    expect(db.collections.messages.get('m1')?.$hasPendingWrites).toBe(true)
    await transaction.when('settled')
    expect(db.collections.messages.get('m1')?.$hasPendingWrites).toBe(false)
    expect(changes).toEqual(['insert', 'update'])
    const { db: other } = await openRoom([], { url })
    await other.preload()
    expect(plain(other.collections.messages.get('m1'))).toEqual({
      id: 'm1',
      userId: 'u1',
      text: 'hello',
      likes: 0,
    })
  })
})
