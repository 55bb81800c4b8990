import { itemsOf, startScriptedServer } from '@streamdb/testkit'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { authenticate, note, open, startGateway, state } from './gateway-kit.ts'
import { stopKit } from './logs.ts'
import { createStreamHandler } from '../src/index.ts'
import type { StreamHandler } from '../src/index.ts'

afterAll(stopKit)

const ada = { authorization: 'Bearer ada' }
const json = { ...ada, 'content-type': 'application/json' }

/** A handler as a framework calls it: with requests that no server of Node has made. */
async function startFetch(): Promise<{ handler: StreamHandler; events: () => Promise<unknown[]> }> {
  const gateway = await startGateway()
  await gateway.create('a')
  const handler = createStreamHandler({
    ...{ state, authenticate, authorize: ({ event }) => event.key !== 'forbidden' },
    ...{ upstream: gateway.direct, path: '/api/streams', cors: { origins: ['https://app.example.com'] } },
  })
  onTestFinished(() => handler.close())
  return { handler, events: () => gateway.events('a') }
}

function ask(method: string, init: RequestInit = {}, path = '/api/streams/a?offset=-1'): Request {
  return new Request(`https://app.example.com${path}`, { method, headers: json, ...init })
}

/** A body that comes in pieces, and whose size nobody knows. */
function pieces(text: string, size = 7): RequestInit & { duplex: 'half' } {
  const bytes = new TextEncoder().encode(text)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
      controller.close()
    },
  })
  return { body, duplex: 'half' }
}

describe('createStreamHandler: requests of browsers, frameworks and proxies', () => {
  test('[GW13] bodies in pieces, of one event, with a byte order mark; and those that are none', async () => {
    const { handler, events } = await startFetch()
    const event = JSON.stringify(note('1'))
    const statusOf = async (init: RequestInit): Promise<number> => (await handler(ask('POST', init))).status
    expect(await statusOf(pieces(`[${event}]`))).toBe(204)
    expect(await statusOf({ body: event })).toBe(204)
    expect(await statusOf({ body: `\uFEFF[${event}]` })).toBe(204)
    expect(await events()).toHaveLength(3)
    for (const [body, status] of [
      ['[]', 400],
      ['', 400],
      [`[${event}] x`, 400],
      [`[${event}`, 400],
      [`[[${event}]]`, 422],
      [JSON.stringify([note('1', 'x'.repeat(10 * 1024 * 1024))]), 413],
    ] as const)
      expect([body.slice(0, 20), await statusOf({ body })]).toEqual([body.slice(0, 20), status])
    expect(await statusOf(pieces(JSON.stringify([note('1', 'x'.repeat(2 * 1024 * 1024))]), 50_000))).toBe(413)
    const zipped = { ...json, 'content-encoding': 'gzip' }
    const refused = await handler(ask('POST', { body: gzipSync(`[${event}]`), headers: zipped }))
    expect([refused.status, refused.headers.get('accept-encoding')]).toEqual([415, 'identity'])
    expect(await events()).toHaveLength(3)
  })

  test('[GW12] of a member that comes twice, the rule and the log have the same one', async () => {
    const { handler, events } = await startFetch()
    const twice = (first: string, last: string): string =>
      `{"type":"note","key":"${last}","value":{"id":"${first}","id":"${last}","text":"a","text":"b"},"headers":{"operation":"upsert"}}`
    expect((await handler(ask('POST', { body: twice('ok', 'forbidden') }))).status).toBe(403)
    expect((await handler(ask('POST', { body: twice('forbidden', 'ok') }))).status).toBe(204)
    expect(await events()).toMatchObject([{ value: { id: 'ok', text: 'b' } }])
  })

  test('[GW7] the transaction id of somebody else is no transaction of mine', async () => {
    const { handler, events } = await startFetch()
    const post = (user: string): Promise<Response> =>
      handler(
        ask('POST', {
          body: JSON.stringify(note('1', 'text', { txid: 't' })),
          headers: { ...json, authorization: `Bearer ${user}` },
        }),
      )
    expect([(await post('ada')).status, (await post('bob')).status, (await post('ada')).status]).toEqual([
      204, 204, 204,
    ])
    expect(await events()).toMatchObject([
      { headers: { principal: 'ada' } },
      { headers: { principal: 'bob' } },
    ])
  })

  test('[GW18] HEAD, Range and If-None-Match; nothing of a refused read', async () => {
    const { handler } = await startFetch()
    await handler(ask('POST', { body: JSON.stringify(note('1')) }))
    const page = await handler(ask('GET', { headers: { ...ada, range: 'bytes=0-3' } }))
    expect([page.status, page.headers.get('accept-ranges')]).toEqual([200, null])
    expect(await itemsOf(page)).toHaveLength(1)
    const head = await handler(ask('HEAD'))
    expect([head.status, head.body]).toEqual([200, null])
    expect(head.headers.get('stream-next-offset')).toBe(page.headers.get('stream-next-offset'))
    const etag = String(page.headers.get('etag'))
    const same = await handler(ask('GET', { headers: { ...ada, 'if-none-match': etag } }))
    expect([same.status, same.body, same.headers.get('etag')]).toEqual([304, null, etag])
    expect(same.headers.get('cache-control')).toMatch(/private|no-store/)
    expect(same.headers.get('vary')).toContain('authorization')
    // Who has no credentials is not told that nothing has changed.
    const nobody = await handler(ask('GET', { headers: { 'if-none-match': etag } }))
    expect([nobody.status, nobody.headers.get('etag'), nobody.headers.get('cache-control')]).toEqual([
      401,
      null,
      'no-store',
    ])
    const hidden = await handler(ask('HEAD', { headers: {} }))
    expect([hidden.status, await hidden.text()]).toEqual([401, ''])
  })

  test('[GW19] a preflight says what a page may send, to pages of allowed origins alone', async () => {
    const { handler } = await startFetch()
    const preflight = (origin: string, path?: string): Promise<Response> =>
      handler(
        ask(
          'OPTIONS',
          { headers: { origin, 'access-control-request-method': 'DELETE' } },
          path ?? '/api/streams/a',
        ),
      )
    const allowed = await preflight('https://app.example.com')
    expect([allowed.status, allowed.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, HEAD, POST, PUT, DELETE',
    ])
    const other = await preflight('https://evil.example.com')
    expect([...other.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(other.headers.get('vary')).toBe('origin')
  })

  test.each([
    [410, 410, 'stream-not-found'],
    [500, 500, 'upstream-failed'],
    [503, 503, 'upstream-failed'],
    [401, 502, 'upstream-refused'],
  ])('[GW11] a stream server that answers %i to a read: %i, %s', async (upstreamStatus, status, code) => {
    const upstream = await startScriptedServer((_request, reply) =>
      reply.status(upstreamStatus, { body: 'secret' }),
    )
    onTestFinished(() => upstream.close())
    const gateway = await startGateway({ upstream: upstream.url })
    const answer = await fetch(`${gateway.url}/a`, { headers: ada })
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { code } }])
  })

  test('[GW11] a log that takes longer than the timeout to come is read all the same, as long as it comes', async () => {
    const count = 12
    const upstream = await startScriptedServer(({ method, path }, reply) => {
      if (method === 'POST') return reply.page({ status: 204, body: '', nextOffset: '2' })
      if (path.includes('snapshots')) return reply.status(404)
      const { response } = reply
      response.writeHead(200, {
        'content-type': 'application/json',
        'stream-next-offset': '1',
        'stream-up-to-date': 'true',
      })
      const send = (index: number): void => {
        response.write(`${index === 0 ? '[' : ','}${JSON.stringify(note(String(index)))}`)
        if (index + 1 === count) response.end(']')
        else setTimeout(send, 100, index + 1)
      }
      send(0)
    })
    onTestFinished(() => upstream.close())
    const limits = { timeout: 1_000 }
    const gateway = await startGateway({ upstream: upstream.url, limits })
    expect((await gateway.post('a', note('x'))).status).toBe(204)
  })

  test('[GW18] who may not read a stream is not told whether it is there', async () => {
    const gateway = await startGateway({
      authorizeRead: ({ user }) => user.id === 'ada',
      authorize: ({ user }) => user.id === 'ada',
    })
    await gateway.create('there')
    const answers = await Promise.all(
      ['there', 'not-there'].map((name) => gateway.post(name, note('1'), { user: 'mallory' })),
    )
    expect(answers.map(({ status, error }) => [status, error?.code])).toEqual([
      [403, 'forbidden'],
      [403, 'forbidden'],
    ])
    expect((await gateway.post('not-there', note('1'))).status).toBe(404)
  })

  test('[GW10] rows of a stream that was deleted and made anew behind the gateway count no longer', async () => {
    const gateway = await startGateway({
      authorize: ({ type, rows, user }) => type === 'member' || rows.get('member', user.id) !== undefined,
    })
    const url = await gateway.create('a')
    const member = {
      type: 'member',
      key: 'ada',
      value: { id: 'ada', role: 'owner' },
      headers: { operation: 'insert' },
    }
    expect((await gateway.post('a', member)).status).toBe(204)
    expect((await gateway.post('a', note('1'))).status).toBe(204)
    await fetch(`${gateway.direct}/a`, { method: 'DELETE' })
    await gateway.create('a')
    expect((await gateway.post('a', note('1'))).status).toBe(403)
    const db = open(url)
    await db.preload()
    expect(db.collections.notes.size).toBe(0)
  })
})
