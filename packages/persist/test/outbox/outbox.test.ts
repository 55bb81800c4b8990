import { eventually, unhandledRejections } from '@streamdb/testkit'
import { roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, test } from 'vitest'
import { createDevice, offline } from './device.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

describe('writes that are kept', () => {
  test('[O1] what is written offline is stored, shown after a reload as it was, and sent once', async () => {
    const device = await createDevice([user('u1', 'Ada')])
    const first = device.open()
    await first.db.preload()
    device.network = offline
    const { users } = first.db.collections
    users.insert({ id: 'u2', name: 'Bob' })
    users.update('u1', (draft) => void (draft.name = 'Eve'))
    users.update('u2', (draft) => void (draft.name = 'Bob 2'))
    const before = rowsOf(users)
    await first.db.outbox?.whenStored()
    const txids = first.db.pendingWrites.map(({ txid }) => txid)
    await first.close()

    const { db } = device.open()
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual(before)
    expect(db.pendingWrites.map(({ txid }) => txid)).toEqual(txids)
    expect(db.outbox?.get().map(({ txid }) => txid)).toEqual(txids)
    device.network = () => 'pass'
    db.retry()
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(db.outbox?.get()).toEqual([])
    expect(rowsOf(db.collections.users)).toEqual(before)
    expect(await device.log()).toEqual(txids)
  })
})
