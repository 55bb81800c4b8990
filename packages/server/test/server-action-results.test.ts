import { createStreamDB } from '@streamdb/db'
import { memoryStorage } from '@streamdb/persist'
import { createStateSchema } from '@streamdb/state'
import { gate, itemsOf } from '@streamdb/testkit'
import { afterAll, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { StoredTransactions } from '../src/gateway/stored-transactions.ts'
import { serverAction } from '../src/client/index.ts'
import { createStreamHandler, defineServerAction } from '../src/index.ts'
import { authenticate, failure, post, serve } from './gateway-kit.ts'
import { kit, quick, stopKit } from './logs.ts'

afterAll(stopKit)

const state = createStateSchema({
  orders: { schema: z.object({ id: z.string(), item: z.string() }), type: 'order', primaryKey: 'id' },
})
const params = z.object({ item: z.string() })
const result = z.object({ number: z.number(), at: z.coerce.date() })
const type = { 'content-type': 'application/vnd.streamdb.action+json' }

/** The items that were ordered, as often as an action ran. */
const runs: string[] = []

const order = defineServerAction('order', params, ({ params: { item }, rows, txid, insert }) => {
  runs.push(item)
  const number = [...rows.entries(state.orders)].length + 1
  insert(state.orders, { id: txid, item })
  return { number, at: new Date(0), secret: undefined }
})

/** Returns what it is told to, and writes where it is told to. */
const play = defineServerAction('play', params, ({ params: { item }, txid, insert }) => {
  runs.push(item)
  if (!item.startsWith('read')) insert(state.orders, { id: txid, item })
  switch (item) {
    case 'long':
      return 'x'.repeat(70_000)
    case 'deep':
      return JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown
    case 'big':
      return 1n
    case 'text':
      return 'text'
    case 'null':
      return null
    case 'other':
      return { number: 'seven' }
    case 'read':
      return runs.length
    default:
      return undefined
  }
})

let folders = 0

async function startShop() {
  const streams = await kit()
  const folder = `${streams.url}/shops/${++folders}`
  const direct = `${folder}/shop`
  await fetch(direct, { method: 'PUT', headers: { 'content-type': 'application/json' } })
  const errors: unknown[] = []
  const gateway = async (): Promise<string> => {
    const handler = createStreamHandler({
      ...{ state, authenticate, authorize: () => false, upstream: folder, actions: [order, play] },
      onError: (error) => errors.push(error),
    })
    return `${await serve(handler)}/shop`
  }
  return { direct, gateway, errors }
}

function open(url: string, options: object = {}, fetch?: typeof globalThis.fetch) {
  const db = createStreamDB({
    streamOptions: { url, headers: { authorization: 'Bearer ada' }, ...(fetch && { fetch }) },
    ...{ state, retry: quick },
    actions: () => ({
      order: serverAction('order', params, { result }),
      play: serverAction('play', params),
      strict: serverAction('play', params, { result }),
    }),
    ...options,
  })
  onTestFinished(() => db.close())
  return db
}

/** A fetch that loses the answers to the first so many calls. */
function losing(count: number, onLost: () => void = () => undefined): typeof fetch {
  let lost = 0
  return async (input, init) => {
    const response = await fetch(input, init)
    if (init?.method !== 'POST' || lost >= count) return response
    lost++
    await response.arrayBuffer()
    onLost()
    throw new TypeError('fetch failed')
  }
}

/** Calls an action by the wire, and returns what is answered. */
async function call(url: string, body: object): Promise<unknown> {
  const headers = { authorization: 'Bearer ada', ...type }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  return text === '' ? response.status : (JSON.parse(text) as unknown)
}

test('[AZ12] what an action returns reaches its caller, typed, and its rows are there', async () => {
  const shop = await startShop()
  const db = open(await shop.gateway())
  await db.preload()
  const ordering = db.actions.order({ item: 'tea' })
  expectTypeOf(ordering.result).toEqualTypeOf<Promise<{ number: number; at: Date }>>()
  expectTypeOf<ReturnType<typeof db.actions.play>['result']>().toEqualTypeOf<Promise<unknown>>()
  expect(await ordering.result).toEqual({ number: 1, at: new Date(0) })
  expect(ordering.result).toBe(ordering.result)
  expect(db.collections.orders.toArray.map(({ item }) => item)).toContain('tea')
  const results = ['text', 'null', 'nothing'].map((item) => db.actions.play({ item }).result)
  expect(await Promise.all(results)).toEqual(['text', null, undefined])
  // What is stored is what others may read.
  const events = await itemsOf<{ headers: object }>(await fetch(`${shop.direct}?offset=-1`)) // of this test
  expect(events[0]?.headers).toMatchObject({ actionResult: { number: 1, at: '1970-01-01T00:00:00.000Z' } })
})

test('[AZ12] a call that is refused has no result, and nobody who does not look at it is told', async () => {
  const shop = await startShop()
  const db = open(await shop.gateway())
  await db.preload()
  for (const [item, code] of [
    ['long', 'invalid-result'],
    ['deep', 'invalid-result'],
    ['big', 'action-failed'],
  ] as const) {
    const refused = db.actions.play({ item })
    expect(await failure(refused.result)).toMatchObject({ code: 'write-failed', reason: { code } })
    expect(await failure(refused.when('settled'))).toMatchObject({ reason: { code } })
  }
  expect(db.collections.orders.size).toBe(0)
  expect(shop.errors).toHaveLength(1)
  // The server has another idea of it than this client.
  const other = db.actions.strict({ item: 'other' })
  expect(await failure(other.result)).toMatchObject({
    code: 'result-unknown',
    message: expect.stringContaining('/number') as string,
  })
  await other.when('settled')
})

test('[AZ12] a repeated call has the same result, through any gateway, and runs once', async () => {
  const shop = await startShop()
  const first = await shop.gateway()
  const body = { action: 'order', txid: 'once', params: { item: 'once' } }
  const expected = { result: { number: 1, at: '1970-01-01T00:00:00.000Z' } }
  expect(await call(first, body)).toEqual(expected)
  expect(await call(first, body)).toEqual(expected)
  const second = await shop.gateway()
  expect(await call(second, body)).toEqual(expected)
  expect(await call(second, { action: 'order', txid: 'once', isRepeat: true })).toEqual(expected)
  expect(runs.filter((item) => item === 'once')).toHaveLength(1)
  // A transaction of another principal is another one.
  expect((await post(second, body, { headers: type, user: 'bob' })).error).toMatchObject({
    code: 'row-exists',
  })
  expect(runs.filter((item) => item === 'once')).toHaveLength(2)
  // Nothing is known of it, and so nothing runs.
  expect(await call(second, { action: 'order', txid: 'never', isRepeat: true })).toEqual({ forgotten: true })
  // One that wrote nothing runs again.
  const read = { action: 'play', txid: 'read', params: { item: 'read' } }
  const [before, after] = [await call(second, read), await call(second, read)]
  expect(before).not.toEqual(after)
})

test.each([
  ['its first answer', 1],
  ['every answer but the last', 3],
])('[AZ12] a call that loses %s has its result', async (_what, count) => {
  const shop = await startShop()
  const db = open(await shop.gateway(), {}, losing(count))
  await db.preload()
  const item = `lost ${count}`
  expect(await db.actions.order({ item }).result).toEqual({ number: 1, at: new Date(0) })
  expect(runs.filter((each) => each === item)).toHaveLength(1)
})

test('[AZ12] a call that the log confirms first is asked about once its answer is lost, and waits for one that comes', async () => {
  const shop = await startShop()
  const url = await shop.gateway()
  const [confirmed, posts] = [gate(), [] as string[]]
  let isFirst = true
  const db = open(url, {}, async (input, init) => {
    if (init?.method !== 'POST') return fetch(input, init)
    posts.push(String(init.body))
    const response = await fetch(input, init)
    if (!isFirst) return response
    isFirst = false
    await confirmed.opened
    throw new TypeError('fetch failed')
  })
  await db.preload()
  const ordering = db.actions.order({ item: 'first' })
  await ordering.when('settled')
  const result = ordering.result
  confirmed.open()
  expect(await result).toMatchObject({ number: 1 })
  expect(posts.map((body) => (JSON.parse(body) as { isRepeat?: boolean }).isRepeat)).toEqual([
    undefined,
    true,
  ])
  await db.actions.order({ item: 'second' }).result
  expect(posts).toHaveLength(3)
})

test('[AZ12] a database that keeps its writes has the result as well', async () => {
  const shop = await startShop()
  const db = open(await shop.gateway(), { storage: memoryStorage(), offline: true })
  await db.preload()
  expect(await db.actions.order({ item: 'kept' }).result).toMatchObject({ number: 1 })
})

test('[AZ12] what is not known any more is said, and the transaction stands', async () => {
  const shop = await startShop()
  const url = await shop.gateway()
  const db = open(url, {}, async (input, init) => {
    if (init?.method !== 'POST') return fetch(input, init)
    if (String(init.body).includes('isRepeat'))
      return Response.json({ forgotten: true }, { headers: { 'stream-next-offset': '1' } })
    await fetch(input, init).then((response) => response.arrayBuffer())
    throw new TypeError('fetch failed')
  })
  await db.preload()
  const ordering = db.actions.order({ item: 'forgotten' })
  expect(await failure(ordering.result)).toMatchObject({ code: 'result-unknown' })
  await ordering.when('settled')
})

test('[AZ12] what is remembered of results is bounded, the newest is kept, and a writer cannot say one', async () => {
  const transactions = new StoredTransactions()
  const note = (index: number, length: number): void =>
    transactions.note({
      ...{ txid: `t${index}`, principal: 'ada', identity: 'i' },
      result: JSON.stringify('x'.repeat(length)),
    })
  for (let index = 0; index < 100; index++) note(index, 60_000)
  expect(transactions.resultSize).toBeLessThanOrEqual(1024 * 1024)
  expect(transactions.resultOf('t0', 'ada')).toEqual({ type: 'forgotten' })
  expect(transactions.resultOf('t99', 'ada')).toMatchObject({ type: 'returned' })
  expect(transactions.knows('t0', 'ada')).toBe(true)
  note(100, 100_000)
  expect(transactions.resultOf('t100', 'ada')).toEqual({ type: 'forgotten' })
  transactions.clear()
  expect(transactions.resultSize).toBe(0)

  const shop = await startShop()
  const url = `${await serve(
    createStreamHandler({
      ...{ state, authenticate, authorize: () => true, actions: [order] },
      upstream: shop.direct.slice(0, -'/shop'.length),
    }),
  )}/shop`
  const event = state.orders.insert({
    value: { id: '1', item: 'own' },
    headers: { txid: 'own', actionResult: 7 },
  })
  expect((await post(url, [event])).status).toBe(204)
  expect(await call(url, { action: 'order', txid: 'own', isRepeat: true })).toBe(204)
})
