import { createLiveQueryCollection, createStreamDB, eq } from '@streamdb/db'
import { expect, onTestFinished, test, vi } from 'vitest'
import { scriptedStream, settled, transaction, waitForLive, waitForRow, waitForTxid } from '../src/index.ts'
import { builders, open, state } from './todos.ts'

test('[E4] waitForRow finds a row by its key, by a function, and once it passes; of live queries too', async () => {
  const build = builders()
  const stream = scriptedStream([[build.todos()]])
  const db = open(stream.streamOptions)
  const { todos } = db.collections
  const done = createLiveQueryCollection((q) =>
    q.from({ todo: todos }).where(({ todo }) => eq(todo.done, true)),
  )
  await Promise.all([waitForLive(db), done.preload()])
  expect(await waitForRow(todos, '1')).toMatchObject({ text: 'Todo 1' })
  const passing = waitForRow(todos, '1', { where: (todo) => todo.done })
  const inQuery = waitForRow(done, (todo) => todo.text === 'Todo 1')
  stream.send(build.todos({ id: '1', text: 'Todo 1', done: true }))
  expect(await passing).toMatchObject({ done: true })
  expect(await inQuery).toMatchObject({ id: '1' })
})

test('[E4] a wait that ends in vain says what there was', async () => {
  const build = builders()
  const stream = scriptedStream([build.todos.many(2)])
  const db = open(stream.streamOptions)
  await waitForLive(db)
  const { todos } = db.collections
  const options = { timeout: 10 }
  await expect(waitForRow(todos, '3', options)).rejects.toThrow(
    /^waitForRow "3": not within 10 ms\. .* has 2 rows: "1", "2"$/,
  )
  await expect(waitForRow(todos, '1', { ...options, where: ({ done }) => done })).rejects.toThrow(
    /The row is \{"id":"1".*"done":false/,
  )
  await expect(waitForTxid(db, 'never', options)).rejects.toThrow(
    /^waitForTxid "never": .* is live, at offset/,
  )
  stream.holdWrites()
  const written = todos.insert(build.todos.row())
  written.when('settled').catch(() => undefined)
  await expect(settled(db, options)).rejects.toThrow(
    /^settled: .*pending writes: .* (sending|queued|pending)/,
  )
  stream.offline()
  const other = open(stream.streamOptions)
  await expect(waitForLive(other, options)).rejects.toThrow(/^waitForLive: .*(reconnecting|connecting)/)
})

test('[E4] where waiting is of no use it ends at once, with the reason', async () => {
  const stream = scriptedStream([{ status: 404 }])
  const db = open(stream.streamOptions)
  await expect(waitForLive(db)).rejects.toMatchObject({
    message: expect.stringMatching(/^waitForLive: the database failed/),
    cause: { code: 'stream-not-found' },
  })
  await expect(waitForTxid(db, 'x')).rejects.toMatchObject({ cause: { code: 'stream-not-found' } })
  db.close()
  await expect(settled(db)).rejects.toThrow('settled: the database is closed')
  await expect(waitForLive(db, { signal: AbortSignal.abort() })).rejects.toThrow()
})

test('[E4] waitForTxid resolves when the transaction is visible, and waits by real time', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const build = builders()
  const stream = scriptedStream()
  const db = open(stream.streamOptions)
  await waitForLive(db)
  const seen = waitForTxid(db, 'move')
  stream.send(transaction(build.todos.many(2), 'move'))
  await seen
  expect(db.collections.todos.size).toBe(2)
  await expect(waitForTxid(db, 'never', { timeout: 5 })).rejects.toThrow('not within 5 ms')
})

test('[E5] settled: what the log holds is visible, and own writes are confirmed or have failed', async () => {
  const build = builders()
  const stream = scriptedStream()
  const db = open(stream.streamOptions)
  stream.send(build.todos.many(3))
  await settled(db)
  expect(db.collections.todos.size).toBe(3)
  const written = db.collections.todos.insert(build.todos.row())
  stream.fault({ status: 400 }, { of: 'writes' })
  written.when('settled').catch(() => undefined)
  await settled(db)
  expect([db.pendingWrites.length, db.collections.todos.size]).toEqual([0, 3])
})

test('[E5] settled reads what was appended since where a database is not live', async () => {
  const build = builders()
  const stream = scriptedStream([[]])
  const db = createStreamDB({ streamOptions: stream.streamOptions, state, live: false })
  onTestFinished(() => db.close())
  await settled(db)
  stream.send(build.todos())
  await settled(db)
  expect(db.collections.todos.size).toBe(1)
})
