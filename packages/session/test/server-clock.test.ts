import { once } from 'node:events'
import { eventually, needs } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { ServerClock } from '../src/server-clock.ts'
import { startAgentWith } from './support/agent-process.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

const hour = 3_600_000
const patient = { timeout: 20_000 }

/** A clock of a device that is `ahead` of the server's, which answers after `takes` milliseconds. */
function clockOf(ahead: number, takes = 40, headers: Record<string, string> = {}) {
  let server = Date.parse('2026-01-01T00:00:00.700Z')
  const clock = new ServerClock(() => server + ahead)
  const send = clock.noting(() => {
    server += takes / 2
    const date = new Date(server).toUTCString()
    server += takes / 2
    return Promise.resolve(new Response(null, { headers: { date, ...headers } }))
  })
  return {
    pass: (ms: number) => (server += ms),
    post: () => send('http://streamdb.test/', { method: 'POST' }),
    get: () => send('http://streamdb.test/'),
    error: () => clock.now() - server,
  }
}

test('[A87] the time of the server is known to the second, the better the more answers came; of a right clock nothing is changed', async () => {
  const right = clockOf(0)
  await right.post()
  expect(right.error()).toBe(0)
  for (const ahead of [-hour, -5_000, 5_000, hour]) {
    const wrong = clockOf(ahead)
    expect(wrong.error()).toBe(ahead)
    await wrong.post()
    expect(Math.abs(wrong.error())).toBeLessThan(540)
    // The second turns between two answers: that tells more than both.
    for (let round = 0; round < 12; round++) {
      wrong.pass(170)
      await wrong.post()
    }
    expect(Math.abs(wrong.error())).toBeLessThan(150)
  }
})

test('[A87] what a cache may have stored says nothing of the time', async () => {
  const read = clockOf(hour)
  await read.get()
  expect(read.error()).toBe(hour)
  const cached = clockOf(hour, 40, { age: '7200' })
  await cached.post()
  expect(cached.error()).toBe(hour)
})

test('[A87] a question expires by the clock of the server, whatever those of the processes that ask it say', async () => {
  await needs('clock')
  const url = await newSessionUrl()
  const ada = await open(url, 'ada', { presence: { leaseTtl: 60_000 } })
  const one = await startAgentWith({ SKEW: String(-hour), ASK: '120000' }, url, 'one', '3')
  const { id } = await ada.send('Count')
  const run = `counter.${id}`
  const [asked] = await eventually(() => {
    expect(ada.collections.approvals.size).toBe(1)
    return [...ada.collections.approvals.values()]
  }, patient)
  const left = (asked?.expiresAt ?? NaN) - Date.now()
  expect(left).toBeGreaterThan(60_000)
  expect(left).toBeLessThan(125_000)
  one.kill('SIGTERM')
  await once(one, 'exit')
  // A process whose clock says that all of that is long over takes it over.
  await startAgentWith({ SKEW: String(hour), ASK: '120000' }, url, 'two', '3')
  await eventually(() => expect(ada.run(run)).toMatchObject({ status: 'waiting', attempt: 2 }), patient)
  await ada.approve(asked?.id ?? '')
  await eventually(() => expect(ada.run(run)).toMatchObject({ status: 'done' }), patient)
  expect(lines(ada)[1]).toBe('counter: 1 2 3 ')
})
