import { createLiveQueryCollection, eq } from '@tanstack/db'
import { itemsOf, needs, startStreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB, dehydrate, keyValue } from '../src/index.ts'
import type { CreateStreamDBOptions } from '../src/index.ts'

const state = createStateSchema({
  settings: keyValue({ schema: z.enum(['dark', 'light', '']), type: 'setting' }),
  flags: keyValue({ schema: z.boolean().nullable(), type: 'flag' }),
  presence: keyValue({
    schema: z.object({ status: z.enum(['online', 'away']), value: z.number().optional() }),
    type: 'presence',
  }),
})

let server: Awaited<ReturnType<typeof startStreamServer>>
beforeAll(async () => void (server = await startStreamServer()))
afterAll(() => server.stop())

async function read(url: string): Promise<readonly Record<string, unknown>[]> {
  return itemsOf<Record<string, unknown>>(await fetch(url)) // events
}

async function open(url: string, options: Partial<CreateStreamDBOptions<typeof state>> = {}) {
  const db = createStreamDB({ streamOptions: { url }, state, ...options })
  onTestFinished(() => db.close())
  await db.preload()
  return db
}

test('[P6] bare values of the log are rows of live queries', async () => {
  const url = await server.createStream(undefined, {
    items: [
      { type: 'setting', key: 'theme', value: 'dark', headers: { operation: 'insert' } },
      { type: 'setting', key: 'theme', value: 'light', headers: { operation: 'update' } },
      { type: 'setting', key: 'bad', value: 7, headers: { operation: 'insert' } },
      { type: 'flag', key: 'beta', value: false, headers: { operation: 'insert' } },
      { type: 'flag', key: 'old', value: null, headers: { operation: 'upsert' } },
    ],
  })
  const seen: unknown[] = []
  const db = await open(url, { onEvent: ({ value }) => void seen.push(value) })
  const light = createLiveQueryCollection((q) =>
    q.from({ s: db.collections.settings }).where(({ s }) => eq(s.value, 'light')),
  )
  await light.preload()
  expect(light.toArray).toMatchObject([{ key: 'theme', value: 'light' }])
  expect(db.collections.flags.get('beta')).toMatchObject({ key: 'beta', value: false })
  expect(db.collections.flags.get('old')).toMatchObject({ value: null })
  expect(db.issues.total).toBe(1)
  expect(seen).toEqual(['dark', 'light', false, null])
})

test('[P6] what is inserted, updated and deleted is the bare value in the log, and undo takes it back', async () => {
  const url = await server.createStream()
  const db = await open(url, { history: true })
  const { settings, presence } = db.collections
  await settings.insert({ key: 'theme', value: 'dark' }).when('settled')
  await settings.update('theme', (row) => void (row.value = '')).when('settled')
  await presence.insert({ key: 'ada', value: { status: 'online', value: 1 } }).when('settled')
  await presence.update('ada', (row) => void (row.value.status = 'away')).when('settled')
  await db.history?.undo()
  expect(presence.get('ada')).toMatchObject({ key: 'ada', value: { status: 'online', value: 1 } })
  await settings.delete('theme').when('settled')
  const written = (await read(url)).map(({ key, value, old_value }) => [key, value, old_value])
  expect(written).toEqual([
    ['theme', 'dark', undefined],
    ['theme', '', 'dark'],
    ['ada', { status: 'online', value: 1 }, undefined],
    ['ada', { status: 'away', value: 1 }, { status: 'online', value: 1 }],
    ['ada', { status: 'online', value: 1 }, { status: 'away', value: 1 }],
    ['theme', undefined, ''],
  ])
})

test('[P6] what the schema of the value refuses is not written, and says where', async () => {
  const db = await open(await server.createStream())
  const { settings, presence } = db.collections
  expect(() => settings.insert({ key: 'theme', value: 'blue' as 'dark' })).toThrow(
    /the schema refused the row: value: /,
  )
  expect(() => settings.insert({ key: '', value: 'dark' })).toThrow(
    /primary key|key: expected a non-empty string/,
  )
  expect(() => presence.insert({ key: 'ada', value: { status: 'busy' as 'away' } })).toThrow(
    /value\.status: /,
  )
  expect(settings.size + presence.size).toBe(0)
})

test('[P6] bare values are hydrated as they are', async () => {
  const url = await server.createStream(undefined, {
    items: [
      state.settings.insert({ key: 'theme', value: '' }),
      state.flags.insert({ key: 'beta', value: false }),
      state.presence.insert({ key: 'ada', value: { status: 'online' } }),
    ],
  })
  const stream = dehydrate(await open(url))
  expect(stream.items.map(({ value }) => value)).toEqual(['', false, { status: 'online' }])
  const page = createStreamDB({ streamOptions: { url }, state, hydrate: stream, startOnRead: false })
  onTestFinished(() => page.close())
  expect(page.collections.settings.get('theme')).toMatchObject({ value: '' })
  expect(page.collections.flags.get('beta')).toMatchObject({ value: false })
  expect(page.collections.presence.get('ada')).toMatchObject({ value: { status: 'online' } })
})

test('[P6] bare values are rows of the past and of a branch too, and are merged as they are', async () => {
  await needs('forks', 'stamps')
  const db = await open(await server.createStream())
  const { settings } = db.collections
  await settings.insert({ key: 'theme', value: 'dark' }).when('settled')
  const { offset } = db
  const branch = await db.fork()
  onTestFinished(() => branch.close())
  await branch.preload()
  await branch.collections.settings.update('theme', (row) => void (row.value = 'light')).when('settled')
  expect(await db.merge(branch)).toMatchObject({ type: 'merged', rows: 1, conflicts: [] })
  expect(settings.get('theme')).toMatchObject({ key: 'theme', value: 'light' })
  const past = db.at(offset)
  onTestFinished(() => past.close())
  await past.preload()
  expect(past.collections.settings.get('theme')).toMatchObject({ key: 'theme', value: 'dark' })
})
