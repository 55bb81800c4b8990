import {
  eventually,
  fetchWithout,
  isCapable,
  logOf,
  startFaultProxy,
  unhandledRejections,
} from '@streamdb/testkit'
import { message, openRoom, quick, room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB } from '../src/index.ts'

// What docs/servers.md says under "Without a capability".

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

const ada = { id: 'ada', name: 'Ada' }

test.each([
  ['the log is asked whether it was stored', false],
  ['and the log cannot be read either, it waits until that is known', true],
])('[EN11] without `producers`: of an append whose answer is lost, %s', async (_, isDeaf) => {
  const kit = await roomServer()
  const url = await kit.createStream()
  const proxy = await startFaultProxy(kit.url)
  onTestFinished(() => proxy.close())
  const streamOptions = { url: proxy.through(url), fetch: fetchWithout('producers') }
  const db = createStreamDB({ streamOptions, state: room, retry: quick })
  onTestFinished(() => db.close())
  await db.preload()
  await eventually(() => expect(proxy.connections).toBe(1))
  const reads = (): number => proxy.requests.filter(({ method }) => method !== 'POST').length
  let hear = (): void => undefined
  if (isDeaf) {
    hear = proxy.fault({ kind: 'drop' }, { match: ({ method }) => method !== 'POST', times: Infinity })
    proxy.cut()
  }
  proxy.fault({ kind: 'cut', after: 'nothing' }, { of: 'writes' })
  const written = db.collections.users.insert(ada).when('settled')
  if (isDeaf) {
    const before = reads()
    await eventually(() => expect(reads()).toBeGreaterThan(before + 5))
    expect(db.pendingWrites).toHaveLength(1)
    hear()
  }
  await written
  expect((await logOf(url)).map(({ key }) => key)).toEqual(['ada'])
  expect(rowsOf(db.collections.users)).toEqual({ ada })
  await eventually(() => expect([db.status.name, db.pendingWrites]).toEqual(['live', []]))
})

test('[EN11] without `deletion`: a database says that it is live until it connects again, and is then told', async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [user('ada')] })
  const proxy = await startFaultProxy(kit.url)
  onTestFinished(() => proxy.close())
  const db = createStreamDB({ streamOptions: { url: proxy.through(url) }, state: room, retry: quick })
  onTestFinished(() => db.close())
  await db.preload()
  await kit.appendItems(url, [user('bob')])
  // By the connection that is frozen now.
  await eventually(() => expect([db.collections.users.size, proxy.connections]).toEqual([2, 1]))
  // What a server says that tells at once does not get here.
  proxy.freeze()
  await kit.deleteStream(url)
  expect(db.status.name).toBe('live')
  proxy.cut('rst')
  await eventually(() =>
    expect(db.status).toMatchObject({ name: 'failed', error: { code: 'stream-not-found' } }),
  )
  expect(db.collections.users.size).toBe(2)
})

test('[EN11] without `stamps`: the past is stepped through transaction by transaction, and an offset within a response is where the response begins', async () => {
  const { url, append } = await openRoom([user('ada', 'Ada', 't1')])
  const offset = await append(user('ada', 'Countess', 't2'), message('m1', 'ada', 'hello', 't2'))
  await append(message('m1', 'ada', 'goodbye', 't3'))
  const streamOptions = { url, fetch: fetchWithout('stamps') }
  const db = createStreamDB({ streamOptions, state: room, live: false })
  onTestFinished(() => db.close())
  await db.preload()
  const past = db.at(db.offset)
  onTestFinished(() => past.close())
  await past.preload()
  const seen = () => [past.collections.users.get('ada')?.name, past.collections.messages.get('m1')?.text]
  expect(seen()).toEqual(['Countess', 'goodbye'])
  await past.step(-1)
  expect(seen()).toEqual(['Countess', 'hello'])
  await past.step(-1)
  expect(seen()).toEqual(['Ada', undefined])
  await past.moveTo(offset)
  expect([past.offset, seen()]).toEqual(['-1', [undefined, undefined]])
})

test('[EN11] without `nesting`: a write that is nested deeper than the server takes is taken back, and the next one is stored', async () => {
  const kit = await roomServer()
  const url = await kit.createStream()
  const state = createStateSchema({
    notes: { schema: z.object({ id: z.string(), deep: z.unknown() }), type: 'note', primaryKey: 'id' },
  })
  const fetch = (await isCapable('nesting')) ? fetchWithout('nesting') : globalThis.fetch
  const db = createStreamDB({ streamOptions: { url, fetch }, state, retry: quick })
  onTestFinished(() => db.close())
  await db.preload()
  const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown
  await expect(db.collections.notes.insert({ id: 'a', deep }).when('settled')).rejects.toMatchObject({
    code: 'write-failed',
    status: 400,
  })
  await db.collections.notes.insert({ id: 'b', deep: [[1]] }).when('settled')
  expect([...db.collections.notes.keys()]).toEqual(['b'])
  expect(await logOf(url)).toHaveLength(1)
})

test('[EN11] without `exact-json`: a large number is shown as the server has rounded it, and in a string it stays', async () => {
  const kit = await roomServer()
  const url = await kit.createStream()
  const value = '{"id":"a","n":12345678901234567890,"text":"12345678901234567890"}'
  const body = `[{"type":"number","key":"a","value":${value},"headers":{"operation":"insert"}}]`
  const headers = { 'content-type': 'application/json', connection: 'close' }
  expect((await fetch(url, { method: 'POST', headers, body })).ok).toBe(true)
  const state = createStateSchema({
    numbers: {
      schema: z.object({ id: z.string(), n: z.number(), text: z.string() }),
      type: 'number',
      primaryKey: 'id',
    },
  })
  const db = createStreamDB({ streamOptions: { url }, state, live: false })
  onTestFinished(() => db.close())
  await db.preload()
  expect(db.collections.numbers.get('a')).toMatchObject({
    n: 12345678901234567000,
    text: '12345678901234567890',
  })
  expect(db.issues.total).toBe(0)
})

test.each([
  ['refuses to', { kind: 'answer', status: 400 }],
  [
    'answers with a page',
    { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: '[]' },
  ],
] as const)('[EN11] without `sse`: of a server that %s, live events come by long-polls', async (_, fault) => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [user('ada')] })
  const proxy = await startFaultProxy(kit.url)
  onTestFinished(() => proxy.close())
  proxy.fault(fault, { match: /live=sse/, times: Infinity })
  const db = createStreamDB({ streamOptions: { url: proxy.through(url) }, state: room, retry: quick })
  onTestFinished(() => db.close())
  await db.preload()
  await kit.appendItems(url, [user('bob')])
  await eventually(() => expect([...db.collections.users.keys()]).toEqual(['ada', 'bob']))
  await eventually(() => expect(db.status.name).toBe('live'))
})

test('[EN11] without `identity`: a stream that was made anew meanwhile, and is longer, is known by the item that it does not have', async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [user('ada', 'Ada')] })
  const proxy = await startFaultProxy(kit.url)
  onTestFinished(() => proxy.close())
  const restarts: string[] = []
  const db = createStreamDB({ streamOptions: { url: proxy.through(url) }, state: room, retry: quick })
  onTestFinished(() => db.close())
  db.observe({ onRestart: (reason) => void restarts.push(reason) })
  await db.preload()
  await proxy.refuse()
  await kit.deleteStream(url)
  await kit.createStream(url, { items: [user('eve', 'Eve'), user('mallory', 'Mallory')] })
  await proxy.heal()
  await eventually(() => expect([...db.collections.users.keys()].sort()).toEqual(['eve', 'mallory']))
  expect(restarts).toEqual(['stream-replaced'])
})
