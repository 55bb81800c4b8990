import { openRoom, room, roomServer, user } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createStreamDB } from '../src/index.ts'

test('[F-real-24] creating a database uses no timer, no randomness, no clock and no network', async () => {
  const url = await (await roomServer()).createStream(undefined, { items: [user('u1')] })
  const forbidden = vi.fn<(what: string) => void>()
  const refuse = (what: string) => (): never => {
    forbidden(what)
    throw new Error(`Disallowed operation called within global scope: ${what}`)
  }
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'] as const) {
    vi.stubGlobal(name, refuse(name))
  }
  vi.stubGlobal('crypto', { randomUUID: refuse('randomUUID'), getRandomValues: refuse('getRandomValues') })
  const random = vi.spyOn(Math, 'random').mockImplementation(refuse('Math.random'))
  onTestFinished(() => {
    random.mockRestore()
    vi.unstubAllGlobals()
  })
  const db = createStreamDB({
    streamOptions: { url, headers: { authorization: () => 'token' } },
    state: room,
    history: true,
    onConflict: { users: () => undefined },
    actions: ({ db: { collections } }) => ({
      add: { onMutate: (id: string) => void collections.users.insert({ id, name: id }) },
    }),
  })
  onTestFinished(() => db.close())
  expect(forbidden).not.toHaveBeenCalled()
  random.mockRestore()
  vi.unstubAllGlobals()
  await db.preload()
  await db.actions.add('u2').when('settled')
  expect(db.collections.users.size).toBe(2)
})

test('[F-real-24] an option hydrate uses none either', async () => {
  const { db, url } = await openRoom([user('u1')], { live: false })
  await db.preload()
  const timer = vi.spyOn(globalThis, 'setTimeout')
  const items = [user('u1')] as never[]
  const hydrated = createStreamDB({
    streamOptions: { url },
    state: room,
    hydrate: { offset: db.offset, items },
  })
  onTestFinished(() => hydrated.close())
  expect([timer.mock.calls.length, hydrated.collections.users.size]).toEqual([0, 1])
  timer.mockRestore()
})
