import { eventually, gate, startScriptedServer } from '@streamdb/testkit'
import type { ScriptedSse } from '@streamdb/testkit'
import * as fc from 'fast-check'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { EventBoundary } from '../src/gateway/event-boundary.ts'
import { authenticate, note, open, startGateway } from './gateway-kit.ts'
import type { GatewayOptions, TestGateway } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

/** A gateway that members may read through, and that counts how often each began a live read. */
async function startClub(options: GatewayOptions = {}) {
  const members = new Set(['ada', 'bob'])
  const begun: string[] = []
  const gateway = await startGateway({
    authorizeRead: ({ user, request }) => {
      if (request.url.includes('live=')) begun.push(user.id)
      return members.has(user.id) || { code: 'not-member', message: 'Only members read.' }
    },
    ...options,
  })
  return { ...gateway, members, begun }
}

/** Resolves with the status of a database that may not read. */
function needsAuth(db: ReturnType<typeof open>): Promise<object> {
  return new Promise((resolve) => {
    db.subscribeStatus((status) => void (status.name === 'needs-auth' && resolve(status)))
  })
}

/** Reads a stream live, as text. */
async function readLive(url: string, query = 'offset=-1&live=sse'): Promise<Response> {
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  return fetch(`${url}?${query}`, { headers: { authorization: 'Bearer ada' }, signal: leaving.signal })
}

describe('createStreamHandler: reads of those who may not any more', () => {
  test.each(['sse', 'long-poll'] as const)(
    '[GW23] a read that is live by %s ends at once on demand, the database says why, and others go on undisturbed',
    async (live) => {
      const club = await startClub({ reauthorizeAfter: Infinity })
      const url = await club.create('a')
      const [ada, bob] = [open(url, 'ada', { live }), open(url, 'bob', { live })]
      await Promise.all([ada.preload(), bob.preload()])
      await eventually(() => expect([...club.begun].sort()).toEqual(['ada', 'bob']))
      const statuses: string[] = []
      ada.subscribeStatus(({ name }) => void statuses.push(name))
      const refused = needsAuth(bob)
      club.members.delete('bob')
      expect(await club.handler.reauthorize({ user: 'ada' })).toBe(0)
      expect(await club.handler.reauthorize({ user: 'bob', stream: 'b' })).toBe(0)
      expect(await club.handler.reauthorize({ user: 'bob', stream: 'a' })).toBe(1)
      expect(await refused).toMatchObject({ error: { code: 'unauthorized', status: 403 } })
      await club.append('a', note('1'))
      await eventually(() => expect(ada.collections.notes.has('1')).toBe(true))
      expect(bob.collections.notes.has('1')).toBe(false)
      expect(statuses).toEqual([])
      // Whoever may again goes on where it was.
      club.members.add('bob')
      bob.retry()
      await eventually(() => expect(bob.collections.notes.has('1')).toBe(true))
    },
  )

  test('[GW23] a token that has expired ends a read within the interval', async () => {
    const expired = new Set<string>()
    const gateway = await startGateway({
      reauthorizeAfter: 40,
      authenticate: (request) => {
        const user = authenticate(request)
        return user !== undefined && expired.has(user.id) ? undefined : user
      },
    })
    const url = await gateway.create('a')
    const [ada, bob] = [open(url, 'ada', { live: 'sse' }), open(url, 'bob', { live: 'sse' })]
    await Promise.all([ada.preload(), bob.preload()])
    const refused = needsAuth(bob)
    expired.add('bob')
    expect(await refused).toMatchObject({ error: { code: 'unauthorized', status: 401 } })
    expect(ada.status.name).toBe('live')
  })

  test('[GW23] a right that is taken away while a read is being decided about does not begin it', async () => {
    const [asked, decided] = [gate(), gate()]
    let isMember = true
    const gateway = await startGateway({
      async authorizeRead() {
        const answer = isMember
        asked.open()
        await decided.opened
        return answer
      },
    })
    const reading = readLive(await gateway.create('a'))
    await asked.opened
    isMember = false
    await gateway.handler.reauthorize()
    decided.open()
    expect((await reading).status).toBe(403)
  })

  test.each([
    ['throws', () => Promise.reject(new Error('the database of rights is on fire'))],
    ['does not settle', () => new Promise<boolean>(() => undefined)],
  ])('[GW23] a rule that %s allows nothing: the read ends, and onError is told', async (_what, rule) => {
    let isFirst = true
    const gateway = await startGateway({
      // The stream server has as long to answer.
      limits: { timeout: 1_500 },
      authorizeRead: () => (isFirst ? true : rule()),
    })
    const response = await readLive(await gateway.create('a'), 'offset=now&live=sse')
    expect(response.status).toBe(200)
    isFirst = false
    expect(await gateway.handler.reauthorize()).toBe(1)
    await response.text()
    expect(gateway.errors).toHaveLength(1)
  })

  test('[GW23] a read ends behind the event that is on its way, and behind where the log goes on', async () => {
    let live: ScriptedSse | undefined
    const upstream = await startScriptedServer((_request, reply) => {
      live = reply.sse({ 'stream-next-offset': '1' })
    })
    onTestFinished(() => upstream.close())
    const gateway: TestGateway = await startGateway({
      upstream: upstream.url,
      authorizeRead: () => isAllowed,
    })
    let isAllowed = true
    const response = await readLive(`${gateway.url}/a`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    live?.raw('event: data\ndata: [1')
    expect((await reader?.read())?.value).toBe('event: data\ndata: [1')
    isAllowed = false
    expect(await gateway.handler.reauthorize()).toBe(1)
    const rest = [',2]\n\n', 'event: control\ndata: {"streamNextOffset":"2"}\n\n']
    live?.raw(`${rest.join('')}event: data\ndata: [3]\n\n`)
    let text = ''
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {}
      if (done) break
      text += value
    }
    expect(text).toBe(rest.join(''))
    await eventually(() => expect(upstream.open).toBe(0))
  })

  test('[GW23] who waits for an answer is answered, and a page is read to its end', async () => {
    let isAllowed = true
    const upstream = await startScriptedServer(({ live }, { response, hang }) => {
      if (live !== undefined) return hang()
      response.writeHead(200, { 'content-type': 'application/json', 'stream-next-offset': '1' }).write('[')
    })
    onTestFinished(() => upstream.close())
    const gateway = await startGateway({ upstream: upstream.url, authorizeRead: () => isAllowed })
    const page = await readLive(`${gateway.url}/a`, 'offset=-1')
    const polling = readLive(`${gateway.url}/a`, 'offset=1&live=long-poll')
    await eventually(() => expect(upstream.open).toBe(2))
    isAllowed = false
    expect(await gateway.handler.reauthorize()).toBe(1)
    const polled = await polling
    expect([polled.status, await polled.json()]).toMatchObject([403, { error: { code: 'forbidden' } }])
    expect(page.body?.locked).toBe(false)
    await page.body?.cancel()
  })

  test.each([0, -1, Number.NaN])('[GW23] reauthorizeAfter: %s is no time', async (reauthorizeAfter) => {
    await expect(startGateway({ reauthorizeAfter })).rejects.toMatchObject({ code: 'invalid-options' })
  })

  test('[GW23] any cut of a log of events into chunks has the same ends', () => {
    const whole = ['event: data\ndata: [1]\n\n', 'event: control\r\ndata: {}\r\n\r\n'].join('')
    const parts = [
      ': hello\n\n',
      whole,
      'event:control\ndata: {"a":1}\n\n',
      `${whole}: keep-alive\n\n`,
      whole,
    ]
    const bytes = new TextEncoder().encode(parts.join(''))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.nat(60), (sizes, from) => {
        const boundary = new EventBoundary()
        let [at, index] = [0, 0]
        while (at < bytes.length) {
          const chunk = bytes.subarray(at, at + (sizes[index++ % sizes.length] ?? 1))
          const isEnding = at > from && !boundary.isHere
          const count = boundary.read(chunk, isEnding)
          at += count
          if (!isEnding || !boundary.isHere) continue
          const before = new TextDecoder().decode(bytes.subarray(0, at))
          // The last line is empty, or a comment.
          expect(before).toMatch(/(^|\n)(:[^\n]*)?\r?\n$/)
          expect(before.lastIndexOf('event: data')).toBeLessThanOrEqual(before.lastIndexOf('control'))
          return
        }
        expect(boundary.isHere).toBe(true)
      }),
    )
  })
})
