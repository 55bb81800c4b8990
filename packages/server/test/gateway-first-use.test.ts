import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, startScriptedServer } from '@streamdb/testkit'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createStreamHandler } from '../src/index.ts'
import { toNodeListener } from '../src/node/index.ts'
import { authenticate, note, startGateway, state } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

const ada = { authorization: 'Bearer ada', 'content-type': 'application/json' }

describe('createStreamHandler: what is used wrongly', () => {
  test.each(['streams/', '', 'https://example.com/streams/', '//example.com/'])(
    '[GW26] the path %j is that of no request',
    (path) => {
      const create = () =>
        createStreamHandler({ state, authenticate, authorize: () => true, upstream: 'http://x', path })
      expect(create).toThrow('path: expected')
    },
  )

  test('[GW26] a path without a slash at its end, and one that URLs spell otherwise', async () => {
    const gateway = await startGateway()
    await gateway.create('a')
    for (const path of ['/my streams', '/my%20streams/']) {
      const handler = createStreamHandler({
        ...{ state, authenticate, authorize: () => true, upstream: gateway.direct, path },
      })
      const request = new Request('https://app.example.com/my streams/a?offset=-1', { headers: ada })
      expect((await handler(request)).status).toBe(200)
      handler.close()
    }
  })

  test('[GW26] a user that is null is nobody', async () => {
    const gateway = await startGateway({ authenticate: () => null as never })
    expect((await fetch(await gateway.create('a'), { headers: ada })).status).toBe(401)
    expect(gateway.errors).toEqual([])
  })

  test('[GW26] a body that authenticate has read is no write, and onError is told why', async () => {
    const gateway = await startGateway({
      async authenticate(request) {
        await request.text()
        return { id: 'ada' }
      },
    })
    await gateway.create('a')
    expect((await gateway.post('a', note('1'))).status).toBe(500)
    expect(gateway.errors).toMatchObject([
      { code: 'invalid-options', message: expect.stringContaining('was read before') as string },
    ])
  })

  test('[GW26] a body that was parsed in front of a Node listener is told at once', async () => {
    const errors: unknown[] = []
    const gateway = await startGateway()
    await gateway.create('a')
    const handler = createStreamHandler({
      ...{ state, authenticate, authorize: () => true, upstream: gateway.direct },
      onError: (error) => errors.push(error),
    })
    const listener = toNodeListener(handler)
    const server = createServer((request, response) => {
      request.resume().once('end', () => setImmediate(() => listener(request, response)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      handler.close()
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`
    const answer = await fetch(url, { method: 'POST', headers: ada, body: JSON.stringify([note('1')]) })
    expect(answer.status).toBe(500)
    expect(errors).toMatchObject([{ code: 'invalid-options' }])
  })
})

describe('createStreamHandler: what is kept in memory', () => {
  test('[GW25] keys and headers count for the size of a stream', async () => {
    const gateway = await startGateway({ limits: { streamBytes: 5_000 } })
    await gateway.create('a')
    const long = 'x'.repeat(4_000)
    expect((await gateway.post('a', note('1', 'short', { junk: long }))).status).toBe(204)
    for (const event of [note('2', 'short', { junk: long }), note(long, 'short')])
      expect(await gateway.post('a', event)).toMatchObject({ status: 413, error: { code: 'stream-full' } })
    // It is as large when it is read from the log.
    const again = await startGateway({
      folder: new URL(gateway.direct).pathname,
      limits: { streamBytes: 5_000 },
    })
    expect(await again.post('a', note('2', 'short', { junk: long }))).toMatchObject({ status: 413 })
    expect((await again.post('a', note('1', 'short'))).status).toBe(204)
    expect((await again.post('a', note('2', 'short', { junk: long }))).status).toBe(204)
  })

  test('[GW25] the id of a transaction has at most 256 characters', async () => {
    const gateway = await startGateway()
    await gateway.create('a')
    expect((await gateway.post('a', note('1', 'text', { txid: 'x'.repeat(256) }))).status).toBe(204)
    expect(await gateway.post('a', note('2', 'text', { txid: 'x'.repeat(257) }))).toMatchObject({
      status: 422,
      error: { code: 'invalid-event', path: '/headers/txid' },
    })
  })

  test('[GW25] reads at once are bounded, of each principal', async () => {
    const gateway = await startGateway({ limits: { liveReads: 2 } })
    const url = await gateway.create('a')
    const leaving = new AbortController()
    onTestFinished(() => leaving.abort())
    const read = (user: string): Promise<Response> =>
      fetch(`${url}?offset=now&live=sse`, {
        headers: { authorization: `Bearer ${user}` },
        signal: leaving.signal,
      })
    const [first] = await Promise.all([read('ada'), read('ada')])
    const refused = await read('ada')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await read('bob')).status).toBe(200)
    await first?.body?.cancel()
    await eventually(async () => expect((await read('ada')).status).toBe(200))
  })

  test('[GW25] a page that is read slowly is a read, until its end', async () => {
    const upstream = await startScriptedServer((_request, { response }) => {
      response.writeHead(200, { 'content-type': 'application/json', 'stream-next-offset': '1' }).write('[')
      ends.push(() => response.end(']'))
    })
    const ends: (() => void)[] = []
    onTestFinished(() => upstream.close())
    const gateway = await startGateway({ upstream: upstream.url, limits: { liveReads: 1 } })
    const read = (): Promise<Response> => fetch(`${gateway.url}/a?offset=-1`, { headers: ada })
    const page = await read()
    expect(page.status).toBe(200)
    // Nobody is asked about it any more.
    expect(await gateway.handler.reauthorize()).toBe(0)
    expect((await read()).status).toBe(429)
    ends[0]?.()
    expect(await page.json()).toEqual([])
    await eventually(async () => {
      const again = await read()
      ends.at(-1)?.()
      expect(again.status).toBe(200)
    })
  })
})
