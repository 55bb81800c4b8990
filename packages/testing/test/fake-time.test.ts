import { createStreamDB } from '@streamdb/db'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeTime, scriptedStream, waitForLive } from '../src/index.ts'
import type { FakeTime, FakeTimersConfig } from '../src/index.ts'
import { builders, state } from './todos.ts'

function start(now?: number): FakeTime {
  const time = fakeTime(vi, { now })
  onTestFinished(() => time.restore())
  return time
}

test('[E6] a database tries again when the time has come, and not before', async () => {
  const time = start(Date.UTC(2026, 0, 1))
  const stream = scriptedStream([{ unreachable: true, times: 3 }, builders().todos.many(2)])
  const retry = { initialDelay: 10_000, maxDelay: 60_000 }
  const db = createStreamDB({ streamOptions: stream.streamOptions, state, retry })
  onTestFinished(() => db.close())
  const loading = db.preload()
  await time.advance(0)
  expect(db.status).toMatchObject({ name: 'reconnecting', attempt: 1, since: Date.UTC(2026, 0, 1) })
  expect(stream.requests).toHaveLength(1)
  await time.advance(200_000)
  await loading
  expect(db.collections.todos.size).toBe(2)
  expect(new Date().toISOString()).toBe('2026-01-01T00:03:20.000Z')
})

test('[E6] a limit of time is reached by advancing it', async () => {
  const time = start()
  const stream = scriptedStream()
  const db = createStreamDB({ streamOptions: stream.streamOptions, state })
  onTestFinished(() => db.close())
  await waitForLive(db)
  const waiting = db.utils.awaitTxId('never', 60_000).catch((error: unknown) => error)
  await time.advance(60_000)
  expect(await waiting).toMatchObject({ code: 'txid-timeout' })
  expect(db.status.name).toBe('live')
})

test('[E6] jest is told which clocks it keeps', () => {
  const configs: (FakeTimersConfig | undefined)[] = []
  // As far as the helper knows it, Jest's object has these three.
  const jest = {
    useFakeTimers: (config?: FakeTimersConfig) => void configs.push(config),
    useRealTimers: () => void configs.push(undefined),
    advanceTimersByTimeAsync: () => Promise.resolve(),
  }
  fakeTime(jest).restore()
  expect(configs[0]?.doNotFake).toEqual(
    expect.arrayContaining(['setImmediate', 'queueMicrotask', 'nextTick']),
  )
  expect(configs).toHaveLength(2)
})
