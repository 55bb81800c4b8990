import { eventually } from '@streamdb/testkit'
import { message, openRoom, plain, user } from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'
import { createLiveQueryCollection, eq } from '../src/index.ts'

const items = Array.from({ length: 100 }, (_, n) => [user(`u${n}`, `name ${n}`), message(`m${n}`, `u${n % 10}`, `text ${n}`)]).flat()

describe('on demand', () => {
  test('[D1] a row enters when a query asks for it, and leaves with the last query that needs it', async () => {
    const { db, append } = await openRoom(items, { syncMode: 'on-demand' })
    await db.preload()
    const { users, messages } = db.collections
    expect([users.size, messages.size]).toEqual([0, 0])
    const live = createLiveQueryCollection((q) => q.from({ m: messages }).where(({ m }) => eq(m.userId, 'u3')))
    const sub = live.subscribeChanges(() => undefined)
    await live.preload()
    expect(live.size).toBe(10)
    expect(messages.size).toBe(10)
    await append(message('new', 'u3', 'hi'))
    await eventually(() => expect(live.size).toBe(11))
    await append(message('m3', 'u4', 'moved'))
    await eventually(() => expect(live.size).toBe(10))
    expect(messages.size).toBe(10)
    sub.unsubscribe()
    await live.cleanup()
    expect(messages.size).toBe(0)
  })

  test('[D1] ordered window', async () => {
    const { db, append } = await openRoom(items, { syncMode: 'on-demand' })
    await db.preload()
    const { messages } = db.collections
    const live = createLiveQueryCollection((q) => q.from({ m: messages }).orderBy(({ m }) => m.id, 'desc').limit(3))
    live.subscribeChanges(() => undefined)
    await live.preload()
    expect(live.toArray.map(({ id }) => id)).toEqual(['m99', 'm98', 'm97'])
    console.log(messages.size)
    await append({ type: 'message', key: 'm98', headers: { operation: 'delete' } })
    await eventually(() => expect(live.toArray.map(({ id }) => id)).toEqual(['m99', 'm97', 'm96']))
    console.log(messages.size)
  })

  test('[D1] join', async () => {
    const { db, append } = await openRoom(items, { syncMode: 'on-demand' })
    await db.preload()
    const { users, messages } = db.collections
    const live = createLiveQueryCollection((q) => q.from({ m: messages }).where(({ m }) => eq(m.userId, 'u3'))
      .leftJoin({ u: users }, ({ m, u }) => eq(m.userId, u.id)).select(({ m, u }) => ({ id: m.id, name: u?.name })))
    live.subscribeChanges(() => undefined)
    await live.preload()
    expect(live.size).toBe(10)
    expect(users.size).toBe(1)
    await append(user('u3', 'Ada'))
    await eventually(() => expect(plain(live.toArray[0])).toMatchObject({ name: 'Ada' }))
  })
})
