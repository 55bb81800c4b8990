import { createStateSchema, createStreamDB, keyValue } from '@streamdb/db'
import type { CreateStreamDBOptions, StreamDB } from '@streamdb/db'
import { eventually, itemsOf, startStreamServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryStorage } from '../src/index.ts'

const state = createStateSchema({
  settings: keyValue({ schema: z.string(), type: 'setting' }),
  flags: keyValue({ schema: z.boolean().nullable(), type: 'flag' }),
  presence: keyValue({ schema: z.object({ status: z.string() }), type: 'presence' }),
})

async function open(
  url: string,
  options: Partial<CreateStreamDBOptions<typeof state>>,
): Promise<StreamDB<typeof state>> {
  const db = createStreamDB({ streamOptions: { url }, state, ...options })
  onTestFinished(() => db.close())
  await db.preload()
  return db
}

test('[P6] bare values are stored, and written while there is no network', async () => {
  const server = await startStreamServer()
  onTestFinished(() => server.stop())
  const url = await server.createStream(undefined, {
    items: [
      state.settings.insert({ key: 'theme', value: '' }),
      state.flags.insert({ key: 'beta', value: false }),
      state.flags.insert({ key: 'old', value: null }),
      state.presence.insert({ key: 'ada', value: { status: 'online' } }),
    ],
  })
  const storage = memoryStorage()
  // With an observer, what is stored is a copy of what it is given.
  const db = await open(url, { storage, onEvent: () => undefined })
  await eventually(() => expect(db.storage?.status.get()).toMatchObject({ savedAt: expect.any(Number) }))
  db.close()

  const noNetwork: typeof fetch = () => Promise.reject(new TypeError('no network'))
  const alone = await open(url, { streamOptions: { url, fetch: noNetwork }, storage, offline: true })
  expect(alone.collections.settings.get('theme')).toMatchObject({ key: 'theme', value: '' })
  expect(alone.collections.flags.get('beta')).toMatchObject({ value: false })
  expect(alone.collections.flags.get('old')).toMatchObject({ value: null })
  expect(alone.collections.presence.get('ada')).toMatchObject({ value: { status: 'online' } })
  alone.collections.flags.insert({ key: 'new', value: true })
  await eventually(() => expect(alone.outbox?.get()).toMatchObject([{ events: [{ value: true }] }]))
  alone.close()

  const again = await open(url, { storage, offline: true })
  await eventually(() => expect(again.pendingWrites).toEqual([]))
  const items = await itemsOf<unknown>(await fetch(url))
  expect(items.at(-1)).toMatchObject({ type: 'flag', key: 'new', value: true })
  expect(again.collections.flags.get('new')).toMatchObject({ value: true })
})

test("[P7] with key: 'value', the last put of a primary key has its row, in one response and after a reload", async () => {
  const schema = z.object({ id: z.string(), name: z.string() })
  const byValue = createStateSchema({ users: { schema, type: 'user', primaryKey: 'id', key: 'value' } })
  const put = (key: string, name: string): unknown => ({
    ...{ type: 'user', key, value: { id: '1', name }, headers: { operation: 'upsert' } },
  })
  const server = await startStreamServer()
  onTestFinished(() => server.stop())
  const url = await server.createStream(undefined, {
    items: [put('b', 'b'), put('a', 'a'), put('b', 'last')],
  })
  const storage = memoryStorage()
  const openUsers = async (streamOptions: { readonly url: string; readonly fetch?: typeof fetch }) => {
    const db = createStreamDB({ streamOptions, state: byValue, storage })
    onTestFinished(() => db.close())
    await db.preload()
    return db
  }
  const db = await openUsers({ url })
  expect(db.collections.users.get('1')).toMatchObject({ name: 'last' })
  await db.storage?.flush()
  db.close()
  const stored = await openUsers({ url, fetch: () => Promise.reject(new TypeError('no network')) })
  expect(stored.collections.users.get('1')).toMatchObject({ name: 'last' })
  stored.close()

  await server.appendItems(url, [{ type: 'user', key: 'b', headers: { operation: 'delete' } }])
  const again = await openUsers({ url })
  await eventually(() => expect(again.collections.users.get('1')).toMatchObject({ name: 'a' }))
})
