import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, itemsOf, needs } from '@streamdb/testkit'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { exposedHeaders, requestHeaders } from '../src/gateway/cors.ts'
import { withEnd } from '../src/gateway/with-end.ts'
import { note, open, startGateway } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

const ada = { authorization: 'Bearer ada' }

describe('createStreamHandler: reads', () => {
  test.each(['sse', 'long-poll'] as const)(
    '[GW17] live by %s, unbuffered, and ended when the client goes',
    async (live) => {
      let reads = 0
      const end = (): void => void reads--
      const gateway = await startGateway({
        async fetch(input, init) {
          if (!String(input).includes(`live=${live}`)) return fetch(input, init)
          reads++
          const response = await fetch(input, init).catch((error: unknown) => {
            end()
            throw error
          })
          if (response.body === null) end()
          return new Response(response.body && withEnd(response.body, end), response)
        },
      })
      const db = open(await gateway.create('a'), 'ada', { live })
      await db.preload()
      await gateway.append('a', note('1'))
      await eventually(() => expect(db.collections.notes.has('1')).toBe(true))
      await eventually(() => expect(reads).toBe(1))
      db.close()
      await eventually(() => expect(reads).toBe(0))
    },
  )

  test("[GW18] pages, HEAD and 304, kept by the reader alone; nothing else of its request goes on, nor of the server's answer back", async () => {
    const seen: { url: string; headers: Record<string, unknown> }[] = []
    const upstream = createServer(({ url = '', headers, method }, response) => {
      seen.push({ url, headers })
      response
        .setHeader('stream-next-offset', '1_2')
        .setHeader('set-cookie', 'secret=1')
        .setHeader('x-powered-by', 'x')
      response
        .setHeader('etag', '"e"')
        .setHeader('content-type', url.startsWith('/rooms/file') ? 'text/html' : 'application/json')
      if (url.startsWith('/rooms/cached'))
        response.setHeader('cache-control', 'public, max-age=60, s-maxage=90')
      if (url.startsWith('/rooms/refused')) response.statusCode = 403
      if (headers['if-none-match'] === '"e"') response.statusCode = 304
      response.end(method === 'HEAD' || response.statusCode === 304 ? undefined : '[]')
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void upstream.close())
    const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
    const gateway = await startGateway({
      upstream: {
        url: `${origin}/rooms/?key=1`,
        headers: { authorization: () => 'Bearer server' },
        params: { tenant: 't' },
      },
      authorizeRead: ({ stream }) => stream !== 'hidden' || { code: 'hidden', message: 'Hidden.' },
    })
    const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
      fetch(`${gateway.url}${path}`, { method, headers: { ...ada, ...headers } })

    const page = await get('/a%20b/c?offset=0_1&live=long-poll&cursor=7&offsets=1&key=2&tenant=u', {
      'x-forwarded-for': 'x',
      cookie: 'c=1',
      accept: 'text/event-stream',
    })
    expect(seen[0]).toMatchObject({
      headers: { authorization: 'Bearer server', accept: 'text/event-stream' },
    })
    expect(Object.keys(seen[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['cookie']))
    expect(seen[0]?.headers).not.toHaveProperty('x-forwarded-for')
    expect(seen[0]?.url).toBe('/rooms/a%20b/c?key=1&offset=0_1&live=long-poll&cursor=7&tenant=t')
    const headers = Object.fromEntries(page.headers)
    expect(headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: 'authorization, cookie, accept',
      'stream-next-offset': '1_2',
      'x-content-type-options': 'nosniff',
    })
    expect(headers).not.toHaveProperty('set-cookie')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect((await get('/cached')).headers.get('cache-control')).toBe('private, max-age=60')
    expect((await get('/file')).headers.get('content-disposition')).toBe('attachment')
    const head = await get('/a', {}, 'HEAD')
    expect([head.status, head.headers.get('stream-next-offset'), await head.text()]).toEqual([200, '1_2', ''])
    const unchanged = await get('/a', { 'if-none-match': '"e"' })
    expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([304, '"e"'])
    // The gateway's own credentials are refused: its reader is not to look for others.
    expect((await get('/refused')).status).toBe(502)
    const hidden = await get('/hidden')
    expect([hidden.status, await hidden.json()]).toEqual([
      403,
      { error: { code: 'hidden', message: 'Hidden.' } },
    ])
    const count = seen.length
    for (const path of [
      '/',
      '/a//b',
      '/%2e%2e/secret',
      '/a%2Fb',
      '/a%5Cb',
      '/a%00',
      '/a%zz',
      '/a/%2e%2e%2fb',
      `/${'x'.repeat(2000)}`,
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
    expect((await get('/a?offset=1&offset=2')).status).toBe(400)
    expect(seen).toHaveLength(count)
  })

  test('[DP4] the headers of CORS in docs/deploy.md are those that a gateway sends', () => {
    const page = readFileSync(new URL('../../../docs/deploy.md', import.meta.url), 'utf8')
    const listOf = (name: string): string[] =>
      (new RegExp(`^Access-Control-${name}: (.*)$`, 'm').exec(page)?.[1] ?? '').split(', ')
    expect(listOf('Allow-Headers')).toEqual(['authorization', ...requestHeaders])
    expect(listOf('Expose-Headers')).toEqual(exposedHeaders)
  })

  test('[GW19] pages of allowed origins see what they need; others see nothing; a preflight needs no credentials', async () => {
    const gateway = await startGateway({ cors: { origins: ['https://app.example.com'], credentials: true } })
    await gateway.create('a')
    await gateway.append('a', note('1'))
    const from = (origin: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${gateway.url}/a`, { ...init, headers: { ...ada, ...init.headers, origin } })
    const preflight = await fetch(`${gateway.url}/a`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization.*producer-id/)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
    const allowed = await from('https://app.example.com')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true')
    expect(allowed.headers.get('access-control-expose-headers')).toContain('stream-next-offset')
    expect(allowed.headers.get('vary')).toBe('origin, authorization, cookie, accept')
    expect(await itemsOf(allowed)).toHaveLength(1)
    // A refusal can be read as well.
    const refused = await fetch(`${gateway.url}/a`, { headers: { origin: 'https://app.example.com' } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://app.example.com',
    ])
    const other = await from('https://evil.example.com')
    expect([other.headers.get('access-control-allow-origin'), other.headers.get('vary')]).toEqual([
      null,
      'origin, authorization, cookie, accept',
    ])
    const shared = await startGateway({ publicReads: true, cors: { origins: '*' } })
    await shared.create('a')
    const page = await fetch(`${shared.url}/a?offset=-1`, { headers: { origin: 'https://any.example.com' } })
    expect([page.status, page.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect((await fetch(`${shared.url}/a`, { method: 'POST', body: '[]' })).status).toBe(401)
  })

  test('[GW20] streams are created, closed and deleted where the rule allows it, with nothing in them', async () => {
    const asked: unknown[] = []
    const gateway = await startGateway({
      authorizeStream: ({ user, stream, operation, source }) => {
        asked.push([user.id, stream, operation, source])
        return user.id === 'ada' || 'Only Ada may.'
      },
      authorizeRead: ({ stream }) => stream !== 'secret',
    })
    const send = (
      method: string,
      name: string,
      headers: Record<string, string> = {},
      body?: string,
    ): Promise<Response> =>
      fetch(`${gateway.url}/${name}`, {
        method,
        headers: { ...ada, ...headers },
        ...(body !== undefined && { body }),
      })
    const json = { 'content-type': 'application/json' }
    const created = await send('PUT', 'a', json)
    expect([created.status, created.headers.get('location')]).toEqual([201, '/streams/a'])
    expect((await send('PUT', 'b', { ...json, authorization: 'Bearer bob' })).status).toBe(403)
    expect((await send('PUT', 'b', json, JSON.stringify([note('1')]))).status).toBe(413)
    expect((await send('PUT', 'b', { 'content-type': 'text/html' })).status).toBe(415)
    await gateway.post('a', [note('1'), note('2')])
    expect(
      (
        await send('PUT', 'c', {
          ...json,
          'stream-forked-from': '/streams/secret',
          'stream-fork-offset': '0',
        })
      ).status,
    ).toBe(403)
    expect(
      (await send('PUT', 'c', { ...json, 'stream-forked-from': '/other/a', 'stream-fork-offset': '0' }))
        .status,
    ).toBe(404)
    expect((await send('POST', 'a', { 'stream-closed': 'true' })).status).toBe(204)
    expect(await gateway.post('a', note('3'))).toMatchObject({
      status: 409,
      error: { code: 'stream-closed' },
    })
    expect((await send('DELETE', 'a')).status).toBe(204)
    expect((await send('PATCH', 'a')).status).toBe(405)
    expect(asked).toContainEqual(['ada', 'a', 'delete', undefined])
    const refusing = await startGateway()
    await refusing.create('a')
    for (const [method, headers] of [
      ['PUT', json],
      ['DELETE', {}],
      ['POST', { 'stream-closed': 'true' }],
    ] as const) {
      expect((await fetch(`${refusing.url}/a`, { method, headers: { ...ada, ...headers } })).status).toBe(403)
    }
  })

  test('[GW20] a stream is forked where the rule allows it', async () => {
    await needs('forks')
    const asked: unknown[] = []
    const gateway = await startGateway({
      authorizeStream: ({ user, stream, operation, source }) => {
        asked.push([user.id, stream, operation, source])
        return stream !== 'no-fork' || 'Not there.'
      },
    })
    await gateway.create('a')
    await gateway.append('a', note('1'), note('2'))
    const db = open(`${gateway.url}/a`)
    await db.preload()
    const fork = await db.fork({ url: `${gateway.url}/a-fork` })
    expect(fork.collections.notes.size).toBe(2)
    fork.close()
    expect(asked).toEqual([['ada', 'a-fork', 'fork', 'a']])
    await expect(db.fork({ url: `${gateway.url}/no-fork` })).rejects.toMatchObject({ status: 403 })
    const removed = await fetch(`${gateway.url}/a-fork`, { method: 'DELETE', headers: ada })
    expect(removed.status).toBe(204)
  })
})
