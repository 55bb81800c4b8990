import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, settled, startTestServer, waitForLive, waitForRow } from '../src/index.ts'
import type { TestServer } from '../src/index.ts'
import { builders, open } from './todos.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.stop())

test('[E1] a test server is created, appended to and read by the names of its streams', async () => {
  const build = builders()
  const url = await server.create('lists/1', { events: [build.todos()] })
  expect(url).toBe(server.url('lists/1'))
  await server.append('lists/1', build.todos())
  await server.append(url, build.todos.many(2))
  const events = await server.events('/lists/1')
  expect(events.map(({ key }) => key)).toEqual(['1', '2', '3', '4'])
  await server.delete('lists/1')
  await expect(server.events('lists/1')).rejects.toThrow(/lists\/1\S* was answered 404/)
})

test('[E1] offline refuses and cuts what clients have, and a test goes on appending', async () => {
  const build = builders()
  const url = await server.create('offline')
  const db = open({ url })
  await waitForLive(db)
  await server.faults.offline()
  await eventually(() => expect(db.status.name).toBe('reconnecting'))
  const written = db.collections.todos.insert(build.todos.row())
  await server.append('offline', build.todos())
  expect(db.collections.todos.size).toBe(1)
  await server.faults.online()
  await settled(db)
  await written.when('settled')
  expect(db.collections.todos.size).toBe(2)
})

test('[E1] a status, a lost answer and a request that comes twice each strike one write, which is stored once', async () => {
  const build = builders()
  const url = await server.create('writes')
  const db = open({ url })
  await waitForLive(db)
  server.faults.status(503, { of: 'writes', times: 2 })
  server.faults.loseAnswer({ of: 'writes' })
  await db.collections.todos.insert(build.todos.row()).when('settled')
  server.faults.duplicate({ of: 'writes' })
  await db.collections.todos.insert(build.todos.row()).when('settled')
  expect((await server.events('writes')).map(({ key }) => key)).toEqual(['1', '2'])

  server.faults.status(403, { of: 'writes', body: { error: 'read only' } })
  const refused = db.collections.todos.insert(build.todos.row()).when('settled')
  await expect(refused).rejects.toMatchObject({ status: 403, body: { error: 'read only' } })
  expect(db.collections.todos.size).toBe(2)
})

test('[E1] a cut connection and an older response again lose and double nothing', async () => {
  const build = builders()
  const url = await server.create('reads', { events: [build.todos()] })
  const db = open({ url })
  await waitForLive(db)
  expect(server.faults.cut()).toBeGreaterThan(0)
  server.faults.replay({ match: /writes|reads/ })
  await server.append('reads', build.todos())
  await waitForRow(db.collections.todos, '2')
  expect(db.collections.todos.size).toBe(2)
})

test('[E1] a fault that is taken back, or ended by online, strikes nothing; a delay holds an answer back', async () => {
  const url = await server.create('delays', { events: [builders().todos()] })
  const takeBack = server.faults.status(500)
  takeBack()
  server.faults.status(500)
  await server.faults.online()
  server.faults.delay(30)
  const began = performance.now()
  expect((await fetch(url)).status).toBe(200)
  expect(performance.now() - began).toBeGreaterThanOrEqual(25)
  expect(server.requests.at(-1)?.url.pathname).toBe('/delays')
})

test('[E2] a restart keeps URLs and streams, in memory too, or loses the streams', async () => {
  const build = builders()
  const own = await startTestServer()
  const url = await own.create('todos', { events: [build.todos()] })
  const db = open({ url })
  await waitForLive(db)
  await own.stop()
  await expect(fetch(url)).rejects.toThrow()
  await own.restart()
  await own.append('todos', build.todos())
  await waitForRow(db.collections.todos, '2')
  expect(db.collections.todos.size).toBe(2)

  await own.restart({ empty: true })
  expect((await fetch(url)).status).toBe(404)
  await Promise.all([own.stop(), own.stop()])
  expect(own.connections).toBe(0)
})
