import { eventually } from '@streamdb/testkit'
import { openRoom, plain, room, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLiveQueryCollection, createStreamDB, keepInsertionOrder } from '../src/index.ts'

async function open(items: readonly unknown[]) {
  const { url, append } = await openRoom(items)
  const db = createStreamDB({ streamOptions: { url }, state: room })
  onTestFinished(() => db.close())
  const order = keepInsertionOrder(db)
  const live = createLiveQueryCollection((q) =>
    q
      .from({ user: db.collections.users })
      .fn.select(({ user: each }) => ({ id: each.id, name: each.name, place: order.of(each) }))
      .orderBy(({ $selected }) => $selected.place),
  )
  live.subscribeChanges(() => undefined)
  await db.preload()
  return { db, append, order, live, ids: () => live.toArray.map(({ id }) => id) }
}

describe('[F-moving-2] the order of insertion', () => {
  test('is one that a query sorts by, however many rows come at once, and no part of a row', async () => {
    const keys = Array.from({ length: 3000 }, (_, n) => `u${(n * 7919) % 3000}`)
    const { db, ids } = await open(keys.map((key) => user(key)))
    expect(ids()).toEqual(keys)
    expect(plain(db.collections.users.get('u7'))).toEqual({ id: 'u7', name: 'name of u7' })
  })

  test('stays with updates, ends with a delete, and puts pending rows last', async () => {
    const { db, append, ids } = await open(['c', 'a', 'b'].map((key) => user(key)))
    await append(user('c', 'new name'))
    await eventually(() => expect(db.collections.users.get('c')?.name).toBe('new name'))
    expect(ids()).toEqual(['c', 'a', 'b'])
    await append(room.users.delete({ key: 'c' }), user('c'))
    await append(user('0'))
    await eventually(() => expect(db.collections.users.size).toBe(4))
    expect(ids()).toEqual(['a', 'b', 'c', '0'])
    const transaction = db.collections.users.insert({ id: '00', name: 'mine' })
    expect(ids()).toEqual(['a', 'b', 'c', '0', '00'])
    await append(user('1'))
    await transaction.when('settled')
    await eventually(() => expect(db.collections.users.size).toBe(6))
    expect(new Set(ids().slice(4))).toEqual(new Set(['00', '1']))
  })

  test('is one over all collections', async () => {
    const { db, order } = await open([
      user('u2'),
      room.messages.upsert({ value: { id: 'm1', userId: 'u2', text: '' } }),
      user('u1'),
    ])
    const { users, messages } = db.collections
    const rows = [...users.toArray, ...messages.toArray].sort((a, b) => order.of(a) - order.of(b))
    expect(rows.map(({ id }) => id)).toEqual(['u2', 'm1', 'u1'])
  })
})
