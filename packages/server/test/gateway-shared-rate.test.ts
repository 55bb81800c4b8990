import { eventually } from '@streamdb/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import type { SharedRate } from '../src/index.ts'
import { note, open, startGateway } from './gateway-kit.ts'
import type { GatewayOptions, User } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

let folders = 0

/** Two gateways to the same streams, which count in one store. */
async function startTwo(rateLimit: SharedRate<User>, options: GatewayOptions = {}) {
  const folder = `/shared-rate/${++folders}`
  const limits = { eventsPerMinute: Infinity, requestsPerMinute: Infinity }
  const one = await startGateway({ folder, rateLimit, limits, ...options })
  const two = await startGateway({ folder, rateLimit, limits, ...options })
  return { one, two }
}

/** Counts the events of each principal, as a store that both reach does. */
function countTo(most: number): SharedRate<User> & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>()
  const count: SharedRate<User> = async ({ user, events }) => {
    await Promise.resolve()
    const sum = (counts.get(user.id) ?? 0) + events
    if (sum > most) return { retryAfter: 1.2 }
    counts.set(user.id, sum)
    return true
  }
  return Object.assign(count, { counts })
}

describe('createStreamHandler: one limit for several gateways', () => {
  test('[GW24] two gateways together accept what the limit allows, of each principal', async () => {
    const { one, two } = await startTwo(countTo(6))
    await one.create('a')
    const statuses: number[] = []
    for (let index = 0; index < 10; index++) {
      const gateway = index % 2 === 0 ? one : two
      const answer = await gateway.post('a', note(String(index)))
      statuses.push(answer.status)
      if (answer.status === 429)
        expect([answer.error?.code, answer.headers.get('retry-after')]).toEqual(['rate-limited', '2'])
    }
    expect(statuses).toEqual([204, 204, 204, 204, 204, 204, 429, 429, 429, 429])
    // A request is accepted whole or not at all.
    expect((await two.post('a', [note('1'), note('2')], { user: 'bob' })).status).toBe(204)
    expect(await one.events('a')).toHaveLength(8)
  })

  test('[GW24] a client waits as it is told to, and its write is stored once', async () => {
    const rate = countTo(0)
    let isOpen = false
    let asked = 0
    const { one } = await startTwo((context) => {
      asked++
      return isOpen ? true : rate(context)
    })
    const db = open(await one.create('a'))
    await db.preload()
    const writing = db.collections.notes.insert({ id: '1', text: 'hello' })
    await eventually(() => expect(asked).toBe(1))
    expect(db.pendingWrites).toHaveLength(1)
    isOpen = true
    db.retry()
    await writing.when('settled')
    expect(await one.events('a')).toHaveLength(1)
  })

  test.each<[string, SharedRate<User>]>([
    ['throws', () => Promise.reject(new Error('the store is down'))],
    ['does not settle', () => new Promise(() => undefined)],
  ])('[GW24] a limit that %s stores nothing, and onError is told', async (_what, rateLimit) => {
    const { one } = await startTwo(rateLimit, { limits: { timeout: 50 } })
    await one.create('a')
    expect(await one.post('a', note('1'))).toMatchObject({ status: 503, error: { code: 'undecided' } })
    expect(one.errors).toHaveLength(1)
    expect(await one.events('a')).toEqual([])
  })

  test('[GW24] false refuses for a second; streams that are created and deleted are asked about', async () => {
    const asked: unknown[] = []
    const { one } = await startTwo(
      ({ user, stream, events }) => {
        asked.push([user.id, stream, events])
        return stream !== 'closed'
      },
      { authorizeStream: () => true },
    )
    const headers = { authorization: 'Bearer ada', 'content-type': 'application/json' }
    expect((await fetch(`${one.url}/a`, { method: 'PUT', headers })).status).toBe(201)
    expect((await fetch(`${one.url}/a`, { method: 'DELETE', headers })).status).toBe(204)
    const refused = await fetch(`${one.url}/closed`, { method: 'PUT', headers })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(asked).toEqual([
      ['ada', 'a', 0],
      ['ada', 'a', 0],
      ['ada', 'closed', 0],
    ])
  })
})
