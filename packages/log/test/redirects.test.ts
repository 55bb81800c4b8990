import { eventually, startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { ScriptedHandler, ScriptedRequest, ScriptedServer, StreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { DurableStream } from '@durable-streams/client'
import { createHttpTransport, followRedirects, forkStream, openStream, readState } from '../src/index.ts'
import type { OutgoingWrite, RedirectOptions } from '../src/index.ts'
import { redirectTarget } from '../src/redirects.ts'
import { openSource } from './open-source.ts'
import type { OpenSource } from './open-source.ts'

// The leader is a real server. What it is sent is seen by a follower in front, which redirects, or passes requests on.
let leader: StreamServer
beforeAll(async () => void (leader = await startStreamServer()))
afterAll(() => leader.stop())

/** Starts a server on another port, and so of another origin. */
async function startServer(handler: ScriptedHandler): Promise<ScriptedServer> {
  const server = await startScriptedServer(handler)
  onTestFinished(() => server.close())
  return server
}

/** Answers every request by a redirect to the same path elsewhere. */
const redirectTo =
  (origin: () => string, status = 307): ScriptedHandler =>
  ({ path, query }, reply) => {
    const search = query.size > 0 ? `?${query}` : ''
    reply.status(status, { headers: { location: `${origin()}${path}${search}` } })
  }

/** Answers as the leader does, and tells what was asked. */
const passOn: ScriptedHandler = async ({ method, path, query, body }, reply) => {
  const response = await fetch(`${leader.url}${path}?${query}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method === 'POST' && { body }),
  })
  const { status, headers } = response
  const names = ['content-type', 'stream-next-offset', 'stream-up-to-date', 'stream-cursor']
  const kept = names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? ''] as const] : []))
  reply.response.writeHead(status, Object.fromEntries(kept)).end(await response.text())
}

const authorization = 'Bearer secret'

interface Cluster {
  /** The stream's address on the follower. */
  readonly url: string
  readonly follower: ScriptedServer
  readonly node: ScriptedServer
}

async function startCluster(status = 307): Promise<Cluster> {
  const path = new URL(await leader.createStream(undefined, { items: ['a'] })).pathname
  const node = await startServer(passOn)
  const follower = await startServer(redirectTo(() => node.url, status))
  return { url: `${follower.url}${path}`, follower, node }
}

function read(
  url: string,
  redirects: RedirectOptions | undefined,
  live: 'long-poll' | 'sse' | false = false,
): OpenSource {
  return openSource(url, { live, streamOptions: { redirects, headers: { authorization } } })
}

function write(url: string, redirects?: RedirectOptions, fetch?: typeof globalThis.fetch) {
  const opened = openStream({
    ...{ url, warnOnHttp: false, redirects, headers: { authorization } },
    ...(fetch && { fetch }),
  })
  const ending = new AbortController()
  onTestFinished(() => ending.abort(new Error('the test is over')))
  const times = { connectTimeout: 5_000, idleTimeout: 5_000, initialDelay: 2, maxDelay: 20, maxRetries: 3 }
  const transport = createHttpTransport({
    ...opened,
    times,
    signal: ending.signal,
    checkStored: async () => {},
  })
  return (write: OutgoingWrite) => transport.append(write).done
}

/** Resolves with the error that a source failed with. */
async function failure(source: OpenSource) {
  return eventually(() => {
    const last = source.events.at(-1)
    if (last?.type !== 'fail') throw new Error('it has not failed')
    return last.error
  })
}

const secrets = ({ requests }: ScriptedServer): (string | undefined)[] =>
  requests.map(({ headers }: ScriptedRequest) => headers.authorization)

describe.each([307, 308])('a stream whose server redirects (%i)', (status) => {
  test('[RD1] is read and written with its credentials where its origin is allowed', async () => {
    const { url, follower, node } = await startCluster(status)
    const redirects = { allow: [node.url] }
    const source = read(url, redirects)
    await eventually(() => expect(source.items).toEqual(['a']))
    await write(url, redirects)({ txid: 'b', body: '"b"' })
    const again = read(url, redirects)
    await eventually(() => expect(again.items).toEqual(['a', 'b']))
    expect(new Set([...secrets(follower), ...secrets(node)])).toEqual(new Set([authorization]))
    const posts = node.requests.filter(({ method }) => method === 'POST')
    expect(posts).toMatchObject([
      { body: '["b"]', headers: { 'producer-seq': '0', 'content-type': 'application/json' } },
    ])
  })

  test('[RD2] is refused where its origin is not: nothing is sent there, and the error says what to allow', async () => {
    const { url, node } = await startCluster(status)
    const error = await failure(read(url, undefined))
    expect(error).toMatchObject({ code: 'redirect-refused', status })
    expect(error.message).toContain(`redirects: { allow: ['${node.url}'] }`)
    await expect(write(url)({ txid: 'b', body: '"b"' })).rejects.toMatchObject({
      code: 'redirect-refused',
      status,
    })
    expect(node.requests).toEqual([])
  })
})

test('[RD1] a redirect to the same origin is followed, a relative one too, with 301 and 302 for reads', async () => {
  const server = await startServer((request, reply) => {
    const location = { '/stream': '/moved?offset=-1', '/moved': '../here?offset=-1' }[request.path]
    if (location === undefined) return reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
    reply.status(request.path === '/moved' ? 301 : 302, { headers: { location } })
  })
  const source = read(`${server.url}/stream`, undefined)
  await eventually(() => expect(source.items).toEqual(['a']))
  expect(server.requests.map(({ path }) => path)).toEqual(['/stream', '/moved', '/here'])
  expect(new Set(secrets(server))).toEqual(new Set([authorization]))
})

test('[RD3] a POST that would become a GET is refused, and is not written', async () => {
  for (const status of [301, 302, 303]) {
    const login = await startServer((request, reply) => {
      if (request.method === 'POST') reply.status(status, { headers: { location: '/login' } })
      else reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
    })
    const error: unknown = await write(`${login.url}/stream`)({ txid: 'b', body: '"b"' }).catch(
      (e: unknown) => e,
    )
    expect(error).toMatchObject({
      code: 'redirect-refused',
      status,
      message: expect.stringContaining('becomes a GET'),
    })
    expect(login.requests).toHaveLength(1)
  }
})

test('[RD3] a fetch that follows redirects by itself does not make a GET of the stream a stored write', async () => {
  const server = await startServer((request, reply) => {
    if (request.method === 'POST') reply.status(302, { headers: { location: '/stream' } })
    else reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
  })
  const careless: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'follow' })
  const done = write(`${server.url}/stream`, undefined, careless)({ txid: 'b', body: '"b"' })
  await expect(done).rejects.toMatchObject({
    code: 'write-unknown',
    message: expect.stringContaining('redirect'),
  })
})

test("[RD4] an application's own fetch sends each hop, and what it follows by itself is checked", async () => {
  const { url, node } = await startCluster()
  const sent: string[] = []
  const own: typeof fetch = (input, init) => {
    sent.push(new URL(String(input)).origin)
    return fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), 'x-own': '1' } })
  }
  const options = { streamOptions: { fetch: own, redirects: { allow: [node.url] } }, live: false } as const
  const source = openSource(url, options)
  await eventually(() => expect(source.items).toEqual(['a']))
  expect(sent).toEqual([new URL(url).origin, node.url])
  expect(node.requests[0]?.headers['x-own']).toBe('1')

  const careless: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'follow' })
  const refused = openSource(url, { live: false, streamOptions: { fetch: careless } })
  expect(await failure(refused)).toMatchObject({ code: 'redirect-refused' })
})

test('[RD5] a circle of redirects, and too many, may pass: a cluster that elects is tried again', async () => {
  let isElected = false
  const other: { url?: string } = {}
  const one = await startServer((request, reply) =>
    isElected
      ? reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
      : redirectTo(() => other.url ?? '')(request, reply),
  )
  const two = await startServer(redirectTo(() => one.url))
  other.url = two.url
  const source = read(`${one.url}/stream`, { allow: [two.url] })
  const error = { code: 'unreachable', message: expect.stringContaining('redirected in a circle') as string }
  // Further ones may have come by the time that this looks.
  await eventually(() =>
    expect(source.events).toContainEqual(
      expect.objectContaining({ type: 'break', attempt: 2, error: expect.objectContaining(error) as Error }),
    ),
  )
  isElected = true
  await eventually(() => expect(source.items).toEqual(['a']))

  const endless = await startServer(({ path }, reply) =>
    reply.status(307, { headers: { location: `${path}x` } }),
  )
  const lost = read(`${endless.url}/stream`, undefined)
  await eventually(() =>
    expect(lost.events.at(-1)).toMatchObject({
      error: { code: 'unreachable', message: expect.stringContaining('more than 5 times') },
    }),
  )
})

test('[RD6] where a stream was redirected to is remembered for some seconds, and forgotten where that fails', async () => {
  const { url, follower, node } = await startCluster()
  const redirects = { allow: [/^http:\/\/127\.0\.0\.1:\d+$/g] }
  const append = write(url, redirects)
  for (const body of ['1', '2', '3']) await append({ txid: body, body })
  expect(follower.requests).toHaveLength(1)
  // A leader that is none any more redirects itself.
  const next = await startServer(passOn)
  node.use(redirectTo(() => next.url))
  await append({ txid: '4', body: '4' })
  await append({ txid: '5', body: '5' })
  expect(follower.requests).toHaveLength(1)
  expect(next.requests).toHaveLength(2)
  // One that is gone: a read goes to the follower at once, as the first request of a write does.
  const source = openSource(url, { live: 'long-poll', streamOptions: { redirects } })
  await eventually(() => expect(source.items).toEqual(['a', 1, 2, 3, 4, 5]))
  const before = follower.requests.length
  follower.use(redirectTo(() => next.url))
  await node.close()
  await append({ txid: '6', body: '6' })
  await eventually(() => expect(source.items).toEqual(['a', 1, 2, 3, 4, 5, 6]))
  expect(follower.requests.length).toBeGreaterThanOrEqual(before)

  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const fetching = followRedirects(redirects)
  await fetching(url)
  await fetching(url)
  const asked = follower.requests.length
  vi.advanceTimersByTime(5_001)
  await fetching(url)
  expect(follower.requests).toHaveLength(asked + 1)
})

test('[RD6] live reading follows at each connection: by SSE and by long-polls', async () => {
  let connections = 0
  const node = await startServer((request, reply) => {
    if (request.live === undefined) return reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
    const n = ++connections
    const sse = reply
      .sse()
      .data([`live-${n}`])
      .control({ nextOffset: String(n + 1) })
    if (n < 3) sse.end()
  })
  const follower = await startServer(redirectTo(() => node.url))
  const source = read(`${follower.url}/stream`, { allow: [(url) => url.hostname === '127.0.0.1'] }, 'sse')
  await eventually(() => expect(source.items).toEqual(['a', 'live-1', 'live-2', 'live-3']))
  expect(new Set(secrets(node))).toEqual(new Set([authorization]))
})

test('[RD7] a handle, forks and readers without a database follow by the same rules; a handle gives up', async () => {
  const { url, node } = await startCluster()
  const items: unknown[] = []
  for await (const each of readState({ url, redirects: { allow: [node.url] } })) items.push(each.type)
  expect(items).toContain('invalid')

  const stream = new DurableStream({ url, fetch: followRedirects(), warnOnHttp: false })
  await expect(stream.append('"b"')).rejects.toMatchObject({
    message: expect.stringContaining('redirects: { allow'),
    cause: { code: 'redirect-refused' },
  })
  const opened = openStream({ url, warnOnHttp: false })
  const fork = { ...opened, url: `${url}-fork`, offset: '1', signal: new AbortController().signal }
  await expect(forkStream(fork)).rejects.toMatchObject({ code: 'redirect-refused' })
})

const origin = 'https://streams.example.com'
const hop = { method: 'GET', status: 307, origin, from: new URL('/rooms/1?token=hush', origin) }

test.each([
  ['/rooms/2', {}, `${origin}/rooms/2`],
  ['https://node.example.com/x#part', { allow: ['https://node.example.com/'] }, 'https://node.example.com/x'],
  ['https://node.example.com/x', { allow: [/^https:\/\/\w+\.example\.com$/y] }, 'https://node.example.com/x'],
  ['https://node.example.com/x', { allow: ['https://other.example.com'] }, 'redirect-refused'],
  ['https://node.example.com:8443/x', { allow: ['https://node.example.com'] }, 'redirect-refused'],
  ['http://node.example.com/x', { allow: [() => true] }, 'redirect-refused'],
  ['https://me:secret@node.example.com/x', { allow: [() => true] }, 'redirect-refused'],
  ['javascript:alert(1)', { allow: [() => true] }, 'redirect-refused'],
  ['https://[', { allow: [() => true] }, 'unreachable'],
])('[RD8] a redirect from https to %s with %o comes to %s', (location, options, expected) => {
  if (!expected.startsWith('https')) {
    expect(() => redirectTarget({ ...hop, location }, options)).toThrow(
      expect.objectContaining({ code: expected, message: expect.not.stringContaining('hush') }),
    )
  } else expect(redirectTarget({ ...hop, location }, options).href).toBe(expected)
})

test.each([['https://*.example.com/x'], ['node.example.com'], [''], [42], ['https://a.example.com/path']])(
  '[RD8] %o is refused as an origin before anything is sent',
  (allowed) => {
    const allow = [allowed] as string[] // as a caller without types may give it
    expect(() => openStream({ url: 'http://127.0.0.1:9/x', redirects: { allow } })).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringContaining('redirects.allow'),
      }),
    )
  },
)
