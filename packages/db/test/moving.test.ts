import { eventually } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  createLiveQueryCollection,
  createStateSchema,
  createStreamDB,
  dehydrate,
  keepInsertionOrder,
} from '../src/index.ts'
import type { CreateStreamDBOptions, StateDefinition, StreamDB } from '../src/index.ts'

/** Opens a database on a stream; closed with the test. */
async function open<Definitions extends StateDefinition>(
  url: string,
  state: Definitions,
  options: Partial<CreateStreamDBOptions<Definitions>> = {},
): Promise<StreamDB<Definitions>> {
  const db = createStreamDB({ streamOptions: { url }, state, ...options })
  onTestFinished(() => db.close())
  await db.preload()
  return db
}

const put = (key: string, value: unknown, operation = 'upsert'): unknown => ({
  type: 'user',
  key,
  value,
  headers: { operation },
})
const remove = (key: string): unknown => ({ type: 'user', key, headers: { operation: 'delete' } })

const schema = z.strictObject({ id: z.string(), name: z.string() })
const users = { schema, type: 'user', primaryKey: 'id' } as const

test('[F-moving-5] virtual fields in the rows of a log are dropped when read, under a strict schema too', async () => {
  const kit = await roomServer()
  const virtual = { $synced: false, $origin: 'local', $key: '1', $collectionId: 'c', $hasPendingWrites: true }
  const url = await kit.createStream(undefined, {
    items: [
      put('1', { id: '1', name: 'Ada', ...virtual }),
      put('2', { id: '2', name: 'Grace', $synced: true }),
      put('3', { id: '3', name: 7, $synced: true }),
    ],
  })
  const events: unknown[] = []
  const db = await open(url, createStateSchema({ users }), {
    onEvent: (event) => void events.push(event.value),
  })
  expect([...db.collections.users.base.values()]).toEqual([
    { id: '1', name: 'Ada' },
    { id: '2', name: 'Grace' },
  ])
  expect(db.issues.last).toMatchObject([{ path: '/value/name', event: { value: { $synced: true } } }])
  // An event's own object is not changed.
  expect(events[0]).toMatchObject(virtual)
})

test("[F-moving-3] with key: 'event', the event's key is the row's, in reading and in writing", async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, {
    items: [put('user:9', { id: '9', name: 'Ada' }), put('user:8', { id: '8', name: 'Grace' })],
  })
  const state = createStateSchema({ users: { ...users, key: 'event' } })
  const db = await open(url, state)
  expect(db.collections.users.get('user:9')).toMatchObject({ id: 'user:9', name: 'Ada' })
  await db.collections.users.update('user:9', (draft) => void (draft.name = 'Ada Lovelace')).when('settled')
  await kit.appendItems(url, [remove('user:8')])
  await eventually(() => expect([...db.collections.users.keys()]).toEqual(['user:9']))
  const again = await open(url, state)
  expect([...again.collections.users.base.values()]).toEqual([{ id: 'user:9', name: 'Ada Lovelace' }])
})

const byValue = createStateSchema({ users: { ...users, key: 'value' } })

test("[F-moving-3] with key: 'value', rows keep their keys, and the log keeps its own", async () => {
  const kit = await roomServer()
  const nine = '"public"."users"/"9"'
  const url = await kit.createStream(undefined, {
    items: [put(nine, { id: '9', name: 'Ada' }), put('user:8', { id: '8', name: 'Grace' })],
  })
  const events: [string, string][] = []
  const db = await open(url, byValue, {
    onEvent: ({ key, headers }) => void events.push([headers.operation, key]),
  })
  const { users: rows } = db.collections
  expect(rows.get('9')).toMatchObject({ id: '9', name: 'Ada' })
  expect(db.issues.total).toBe(0)

  // One's own writes name the row by the log's key, so that every reader sees one entity.
  await rows.update('9', (draft) => void (draft.name = 'Ada Lovelace')).when('settled')
  await rows.delete('8').when('settled')
  await rows.insert({ id: '7', name: 'Edsger' }).when('settled')
  expect(events.slice(2)).toEqual([
    ['update', nine],
    ['delete', 'user:8'],
    ['insert', '7'],
  ])
  expect([...rows.keys()].sort()).toEqual(['7', '9'])

  // Others' deletes, and an entity that becomes another row.
  await kit.appendItems(url, [remove('7'), put(nine, { id: '10', name: 'Ada' })])
  await eventually(() => expect([...rows.keys()]).toEqual(['10']))
  const again = await open(url, byValue)
  expect([...again.collections.users.base.values()]).toEqual([{ id: '10', name: 'Ada' }])
})

test("[F-moving-3] [M4] [M5] with key: 'value', resets and snapshots drop what they do not carry", async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [put('user:1', { id: '1', name: 'a' })] })
  const db = await open(url, byValue)
  const keys = (): string[] => [...db.collections.users.keys()].sort()
  const control = (name: string): unknown => ({ headers: { control: name } })
  await kit.appendItems(url, [
    control('snapshot-start'),
    put('user:2', { id: '2', name: 'b' }),
    put('other:1', { id: '3', name: 'c' }),
    control('snapshot-end'),
  ])
  await eventually(() => expect(keys()).toEqual(['2', '3']))
  await kit.appendItems(url, [control('reset'), put('user:2', { id: '4', name: 'd' })])
  await eventually(() => expect(keys()).toEqual(['4']))
  await kit.appendItems(url, [remove('user:2')])
  await eventually(() => expect(keys()).toEqual([]))
})

test("[F-moving-3] with key: 'value', two entities of one row: the last one has it", async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, {
    items: [put('a', { id: '1', name: 'first' }), put('b', { id: '1', name: 'second' })],
  })
  const db = await open(url, byValue)
  await kit.appendItems(url, [remove('a'), put('c', { id: '2', name: 'x' })])
  await eventually(() => expect([...db.collections.users.keys()].sort()).toEqual(['1', '2']))
  expect(db.collections.users.get('1')).toMatchObject({ name: 'second' })
})

test("[F-moving-3] with key: 'value', a first load of many rows, a hydrated page and conflicts know the log's keys", async () => {
  const kit = await roomServer()
  const items = Array.from({ length: 3_000 }, (_, n) =>
    put(`user:${n}`, { id: String(n), name: `name ${n}` }),
  )
  const url = await kit.createStream(undefined, { items })
  const server = await open(url, byValue, { live: false })
  expect(server.collections.users.size).toBe(3_000)

  const conflicts: unknown[] = []
  const hydrate = dehydrate(server)
  expect(hydrate.items[0]?.key).toMatch(/^user:/)
  const page = await open(url, byValue, {
    hydrate,
    onConflict: { users: ({ theirs }) => void conflicts.push(theirs) },
  })
  expect(page.collections.users.get('7')).toMatchObject({ name: 'name 7' })
  const write = page.collections.users.update('7', (draft) => void (draft.name = 'mine'))
  await write.when('settled')
  await kit.appendItems(url, [remove('user:7')])
  await eventually(() => expect(page.collections.users.has('7')).toBe(false))
  expect(conflicts).toEqual([])
})

test("[F-moving-2] [F-moving-3] with key: 'value', the order of insertion is known by the row", async () => {
  const kit = await roomServer()
  const items = ['c', 'a', 'b'].map((id) => put(`user:${id}`, { id, name: id }))
  const url = await kit.createStream(undefined, { items })
  const db = createStreamDB({ streamOptions: { url }, state: byValue })
  onTestFinished(() => db.close())
  const order = keepInsertionOrder(db)
  const live = createLiveQueryCollection((q) =>
    q
      .from({ user: db.collections.users })
      .fn.select(({ user }) => ({ id: user.id, place: order.of(user) }))
      .orderBy(({ $selected }) => $selected.place),
  )
  await live.preload()
  expect(live.toArray.map(({ id }) => id)).toEqual(['c', 'a', 'b'])
})

test('[F-moving-4] what a mutationFn throws is the cause of the error of its action', async () => {
  const kit = await roomServer()
  const thrown = new TypeError('no such user')
  const db = createStreamDB({
    streamOptions: { url: await kit.createStream() },
    state: createStateSchema({ users }),
    actions: ({ db: own }) => ({
      add: {
        onMutate: (id: string) => void own.collections.users.insert({ id, name: 'Ada' }),
        mutationFn: () => Promise.reject(thrown),
      },
    }),
  })
  onTestFinished(() => db.close())
  await db.preload()
  const settled = db.actions.add('1').when('settled')
  const error = await settled.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'write-failed', cause: thrown })
  expect(String(error)).toMatch(/no such user$/)
})

test('[F-moving-4] a primary key that is a number stays a number, and is found by its text too', async () => {
  const kit = await roomServer()
  const state = createStateSchema({
    tickets: { schema: z.object({ number: z.number() }), type: 'ticket', primaryKey: 'number' },
  })
  const items = [{ type: 'ticket', key: '7', value: { number: 7 }, headers: { operation: 'insert' } }]
  const db = await open(await kit.createStream(undefined, { items }), state)
  expect(db.collections.tickets.get('7')).toMatchObject({ number: 7 })
  expect(db.collections.tickets.get(7)).toMatchObject({ number: 7 })
})
