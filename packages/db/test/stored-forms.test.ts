import { eventually, itemsOf, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB, dehydrate } from '../src/index.ts'
import type { ChangeEvent } from '../src/index.ts'

const state = createStateSchema({
  events: {
    schema: z.object({
      id: z.string(),
      // None of these takes what it returns.
      at: z.string().transform((text) => new Date(text)),
      size: z.string().transform(Number),
      link: z
        .string()
        .transform((text) => new URL(text))
        .optional(),
      place: z.object({ tags: z.string().transform((text) => text.split(',')) }),
      title: z.string().default('untitled'),
    }),
    type: 'event',
    primaryKey: 'id',
  },
})

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer()
})
afterAll(() => server.stop())

const stored = (id: string) => ({
  id,
  at: '2026-01-01T00:00:00+02:00',
  size: '12',
  link: 'https://example.com',
  place: { tags: 'a,b' },
})

async function open() {
  const url = await server.createStream(undefined, {
    items: [{ type: 'event', key: 'read', value: stored('read'), headers: { operation: 'insert' } }],
  })
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state, history: true })
  onTestFinished(() => db.close())
  await db.preload()
  return { url, db, events: db.collections.events }
}

async function logged(url: string): Promise<ChangeEvent[]> {
  const response = await fetch(`${url}?offset=-1`)
  return itemsOf<ChangeEvent>(response)
}

test('[F-real-17] an update sends the stored form of the fields that did not change', async () => {
  const { url, db, events } = await open()
  await events.insert(stored('own')).when('settled')
  for (const id of ['read', 'own']) {
    await events.update(id, (draft) => void (draft.title = 'new')).when('settled')
    expect(events.get(id)).toMatchObject({ at: new Date('2025-12-31T22:00:00Z'), size: 12, title: 'new' })
    const last = (await logged(url)).at(-1)
    expect(last).toMatchObject({ value: { ...stored(id), title: 'new' }, old_value: stored(id) })
  }
  expect(db.issues.total).toBe(0)
})

test('[F-real-17] updates over a pending one, and in the transaction of the insert', async () => {
  const { url, db, events } = await open()
  db.transact(() => {
    events.insert(stored('own'))
    events.update('own', (draft) => void (draft.title = 'one'))
  })
  events.update('own', (draft) => void (draft.title = 'two'))
  await events.update('own', (draft) => void (draft.title = 'three')).when('settled')
  expect((await logged(url)).at(-1)).toMatchObject({ value: { ...stored('own'), title: 'three' } })
  expect(events.get('own')?.place.tags).toEqual(['a', 'b'])
})

test('[F-real-17] a deleted row is restored by undo, as it was stored', async () => {
  const { url, db, events } = await open()
  await events.delete('read').when('settled')
  await db.history?.undo()?.transaction?.when('settled')
  expect(events.get('read')).toMatchObject({ size: 12, place: { tags: ['a', 'b'] } })
  expect((await logged(url)).at(-1)).toMatchObject({ value: stored('read') })
})

test('[F-real-17] rows that others change meanwhile keep their own stored form', async () => {
  const { url, events } = await open()
  const theirs = { ...stored('read'), at: '2027-05-05T00:00:00Z', size: '7' }
  await server.appendItems(url, [
    { type: 'event', key: 'read', value: theirs, headers: { operation: 'update' } },
  ])
  await eventually(() => expect(events.get('read')?.size).toBe(7))
  await events.update('read', (draft) => void (draft.title = 'mine')).when('settled')
  expect((await logged(url)).at(-1)).toMatchObject({ value: { ...theirs, title: 'mine' } })
})

test('[F-real-17] a database is dehydrated in stored form, and hydrated from it', async () => {
  const { url, db } = await open()
  const page = JSON.parse(JSON.stringify(dehydrate(db))) as ReturnType<typeof dehydrate>
  expect(page.items[0]?.value).toMatchObject(stored('read'))
  const hydrated = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state, hydrate: page })
  onTestFinished(() => hydrated.close())
  expect(hydrated.collections.events.get('read')).toMatchObject({ size: 12, place: { tags: ['a', 'b'] } })
})
