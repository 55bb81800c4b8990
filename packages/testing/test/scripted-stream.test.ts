import { expect, test } from 'vitest'
import { eventually, scriptedStream, settled, transaction, waitForLive, waitForRow } from '../src/index.ts'
import { builders, open } from './todos.ts'

test('[E3] pages, faults between them and live batches come as the script says', async () => {
  const build = builders()
  const [one, two] = build.todos.many(2)
  const stream = scriptedStream([
    { status: 503 },
    [one],
    { unreachable: true, times: 2 },
    { cut: [two] },
    [two],
  ])
  const db = open(stream.streamOptions)
  await waitForLive(db)
  const keys = (): string[] => [...db.collections.todos.keys()]
  expect(keys()).toEqual(['1', '2'])
  const pages = stream.requests.filter(({ live }) => live === undefined)
  // The last one looks whether the log is still the same one, after a break.
  expect(pages.map(({ offset }) => Number(offset))).toEqual([-1, -1, 1, 1, 1, 1, -1])

  stream.send(build.todos())
  await settled(db)
  expect(keys()).toEqual(['1', '2', '3'])
  await eventually(() => expect(stream.connections).toBe(1))
  expect(stream.cut()).toBe(1)
  stream.send(build.todos.many(2))
  await settled(db)
  expect(keys()).toHaveLength(5)
})

test('[E3] a page behind which more follows keeps a database loading until the rest is sent', async () => {
  const build = builders()
  const stream = scriptedStream([{ page: build.todos.many(2), more: true }])
  const db = open(stream.streamOptions)
  const loading = db.preload()
  await eventually(() => expect(db.status).toMatchObject({ name: 'catching-up', progress: { events: 2 } }))
  stream.send(build.todos())
  await loading
  expect(db.collections.todos.size).toBe(3)
})

test('[E3] half of a transaction is visible with its rest', async () => {
  const build = builders()
  const stream = scriptedStream([[]])
  const db = open(stream.streamOptions)
  await waitForLive(db)
  const [one, two] = transaction(build.todos.many(2))
  const before = stream.requests.length
  stream.send(one, { more: true })
  // The reader has it when it asks for what is behind it, or waits for it on the connection that is open.
  await eventually(() => expect(stream.connections + stream.requests.length).toBeGreaterThan(before))
  expect(db.collections.todos.size).toBe(0)
  stream.send(two)
  await waitForRow(db.collections.todos, '2')
  expect(db.collections.todos.size).toBe(2)
})

test('[E3] writes are told of, wait as long as they are held, and are stored once where an answer is lost', async () => {
  const build = builders()
  const stream = scriptedStream()
  const db = open(stream.streamOptions)
  await waitForLive(db)
  stream.holdWrites()
  const written = db.collections.todos.insert(build.todos.row({ text: 'held' }))
  await eventually(() => expect(stream.writes).toHaveLength(1))
  expect(stream.writes[0]?.events).toMatchObject([{ type: 'todo', key: '1', value: { text: 'held' } }])
  expect(stream.events).toEqual([])
  expect(db.pendingWrites).toHaveLength(1)
  stream.releaseWrites()
  await written.when('settled')

  stream.loseAnswer()
  await db.collections.todos.insert(build.todos.row()).when('settled')
  expect(stream.events).toHaveLength(2)

  stream.fault({ status: 403 }, { of: 'writes' })
  const refused = db.collections.todos.insert(build.todos.row()).when('settled')
  await expect(refused).rejects.toMatchObject({ status: 403 })
})

test('[E3] a stream that is offline is told of, and one that ends is ended', async () => {
  const build = builders()
  const stream = scriptedStream([[build.todos()]])
  const db = open(stream.streamOptions)
  await waitForLive(db)
  stream.offline()
  await eventually(() => expect(db.status.name).toBe('reconnecting'))
  stream.send(build.todos())
  stream.online()
  await settled(db)
  expect(db.collections.todos.size).toBe(2)
  stream.end()
  await eventually(() => expect(db.status).toEqual({ name: 'ended', reason: 'stream-closed' }))
})
