import { createStateSchema } from '@streamdb/db'
import { eventually } from '@streamdb/testkit'
import { message, roomServer, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { prepareTabs } from './open-tabs.ts'

/** The state of the next version of the application: it has tasks as well. */
const nextRoom = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string(), likes: z.number().default(0) }),
    type: 'message',
    primaryKey: 'id',
  },
  tasks: { schema: z.object({ id: z.string() }), type: 'task', primaryKey: 'id' },
}) as unknown as Room // tabs.openTab opens rooms; what is beside them is not looked at by its type

const task = (id: string): unknown => ({
  type: 'task',
  key: id,
  value: { id },
  headers: { operation: 'upsert' },
})

test('[T14] a tab of a version that has more types than the store goes on alone, and shows all of it', async () => {
  const kit = await roomServer()
  const items = [user('u1', 'Ada'), message('m1', 'u1', 'a'), task('t1')]
  const url = await kit.createStream(undefined, { items })
  const tabs = prepareTabs(url)
  const first = tabs.openTab()
  await first.db.preload()
  first.db.close()
  await first.db.storage?.flush()
  // It has read the log from where the store ends: nobody has the tasks before that.
  const older = tabs.openTab()
  await older.db.preload()
  const newer = tabs.openTab({ state: nextRoom, onError: () => undefined })
  await newer.db.preload()
  const tasks = (newer.db.collections as unknown as { tasks: { size: number } }).tasks // as said above
  await eventually(() => expect([newer.texts, tasks.size]).toEqual([['a'], 1]))
  await kit.appendItems(url, [message('m2', 'u1', 'b'), task('t2')])
  await eventually(() => {
    expect([older.texts, newer.texts]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(tasks.size).toBe(2)
  })
  expect(older.role).toBe('leader')
  expect(newer.db.storage?.tabs.get()).toEqual({ role: 'alone', reason: 'other-version' })
})

test('[T14] a tab of an older version under a newer leader goes on alone, and leaves the store as it is', async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [message('m1', 'u1', 'a')] })
  const tabs = prepareTabs(url)
  const newer = tabs.openTab({ version: 2, migrate: (_, value) => value })
  await newer.db.preload()
  await newer.db.storage?.flush()
  const older = tabs.openTab({ onError: () => undefined })
  await older.db.preload()
  await kit.appendItems(url, [message('m2', 'u1', 'b')])
  await eventually(() =>
    expect([older.texts, newer.texts]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]),
  )
  expect(newer.role).toBe('leader')
  expect(older.role).toBe('alone')
  expect(older.db.storage?.status.get()).toMatchObject({
    name: 'unavailable',
    error: { code: 'storage-newer' },
  })
  await newer.db.storage?.flush()
  expect((await newer.db.storage?.size())?.rows).toBe(2)
})
