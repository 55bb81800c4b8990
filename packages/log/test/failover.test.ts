import { eventually, startScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backoff, defaultTimes } from '../src/index.ts'
import { Rhythm } from '../src/rhythm.ts'
import { watchLive } from '../src/watch-live.ts'
import { openSource } from './open-source.ts'

// What a failover of some seconds costs readers, in times of a fake clock.

const interval = defaultTimes.idleTimeout

/**
 * Watches a connection that brings a batch, or a comment, every `every` milliseconds, `count` times; returns when it is doubted
 * then.
 */
async function doubtsAfter(
  every: number,
  count: number,
  silence: number,
  what: 'batch' | 'comment' = 'batch',
): Promise<number[]> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const doubts: number[] = []
  let silentSince = Infinity
  const probe = (): Promise<undefined> => {
    doubts.push(Math.round(performance.now() - silentSince) / 1000)
    return Promise.resolve(undefined)
  }
  const rhythm = new Rhythm()
  const watch = watchLive({ interval, firstInterval: 2_000, rhythm, probe, onDoubt: () => undefined })
  watch.start()
  for (let left = count; left > 0; left--) {
    watch.noteActivity()
    if (what === 'batch') watch.start()
    silentSince = performance.now()
    await vi.advanceTimersByTimeAsync(left === 1 ? silence : every)
  }
  watch.stop()
  return doubts
}

test('[CH4] a connection that falls silent in mid speech is doubted within a second, and then again and again', async () => {
  const doubts = await doubtsAfter(100, 60, 20_000)
  expect(doubts[0]).toBeLessThanOrEqual(1)
  // Whenever a failover is over, the next doubt comes soon.
  for (const [index, at] of doubts.entries()) {
    expect(at - (doubts[index - 1] ?? 0)).toBeLessThanOrEqual(Math.max(1, at / 4) + 0.01)
  }
  expect(doubts.length).toBeLessThan(16)
})

test('[CH4] a log that is quiet by nature is not asked more often than before', async () => {
  expect(await doubtsAfter(6_000, 20, 19_000)).toEqual([])
})

test('[CH4] a connection that brings comments alone is doubted after a minute, and each minute', async () => {
  expect((await doubtsAfter(5_000, 60, 0, 'comment')).length).toBeGreaterThanOrEqual(3)
  expect((await doubtsAfter(5_000, 60, 0, 'comment')).length).toBeLessThanOrEqual(5)
})

test('[CH4] a rhythm is known after a few arrivals, and not before', () => {
  const rhythm = new Rhythm()
  const patience = [0, 120, 240, 360, 480].map((now) => {
    rhythm.noteArrival(now)
    return rhythm.patience(interval)
  })
  expect(patience).toEqual([interval, interval, interval, interval, 1_000])
})

test('[CH4] one long pause does not make a log a quiet one', () => {
  const rhythm = new Rhythm()
  let now = 0
  for (let count = 0; count < 60; count++) rhythm.noteArrival((now += 100))
  rhythm.noteArrival((now += 60_000))
  expect(rhythm.patience(interval)).toBeLessThanOrEqual(1_250)
  expect(rhythm.silence(now + 5)).toBe(5)
})

test('[CH6] within ten seconds of a failover no pause is longer than a second; later they grow', () => {
  const longest = (attempt: number): number =>
    Math.max(...Array.from({ length: 50 }, () => backoff(defaultTimes, attempt)))
  const attempts = Array.from({ length: 15 }, (_, index) => index + 1)
  expect(attempts.map(longest).every((ms) => ms <= 1_000)).toBe(true)
  expect(attempts.reduce((sum, attempt) => sum + backoff(defaultTimes, attempt), 0)).toBeGreaterThan(5_000)
  expect(longest(30)).toBeGreaterThan(2_500)
  expect(longest(30)).toBeLessThanOrEqual(defaultTimes.maxDelay)
  // An application's own times stay what they are.
  const own = { ...defaultTimes, initialDelay: 2_000, maxDelay: 3_000 }
  expect(backoff(own, 1)).toBeGreaterThanOrEqual(1_000)
  expect(backoff(own, 9)).toBeLessThanOrEqual(3_000)
})

test('[CH4] a silent connection beside a replica that cannot say where the log ends is a break, until one can', async () => {
  let hasLeader = true
  let connections = 0
  const server = await startScriptedServer(({ live, offset }, reply) => {
    if (live !== undefined) {
      connections++
      // The leader dies, and its connections stay open.
      reply.sse().control({ nextOffset: '1', upToDate: hasLeader })
      if (connections === 1) hasLeader = false
    } else if (offset === '-1') reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
    else reply.page({ nextOffset: '1', upToDate: hasLeader })
  })
  onTestFinished(() => server.close())
  const { events } = openSource(`${server.url}/stream`, { times: { idleTimeout: 30 } })
  await eventually(() => expect(events.map(({ type }) => type)).toContain('break'))
  expect(connections).toBe(1)
  hasLeader = true
  await eventually(() => expect(connections).toBe(2))
})
