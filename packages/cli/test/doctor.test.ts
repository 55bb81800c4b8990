import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { ScriptedHandler, ScriptedServer, StreamServer } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Diagnosis } from '../src/doctor/diagnosis.ts'
import { examine as diagnose } from '../src/doctor/examine.ts'
import { buildCli } from './cli.ts'
import type { Cli } from './cli.ts'

let cli: Cli
let server: StreamServer
let sick: ScriptedServer
let folder: string

beforeAll(async () => {
  ;[cli, server, sick, folder] = await Promise.all([
    buildCli(),
    startStreamServer(),
    startScriptedServer((request, reply) => (answers[request.path] ?? healthy)(request, reply)),
    mkdtemp(join(tmpdir(), 'streamdb-cli-')),
  ])
})

afterAll(async () => {
  await Promise.all([cli.remove(), server.stop(), sick.close(), rm(folder, { recursive: true, force: true })])
})

const cors = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Stream-Next-Offset, Stream-Cursor, Stream-Up-To-Date, Stream-Closed, Producer-Epoch, Producer-Seq, Producer-Expected-Seq',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'content-type, Producer-Id, Producer-Epoch, Producer-Seq',
}
const page = { items: [], nextOffset: '1', upToDate: true }

const healthy: ScriptedHandler = (request, reply) => {
  if (request.method === 'OPTIONS') reply.status(204, { headers: cors })
  else if (request.live === 'sse') reply.sse().control({ nextOffset: '1' })
  else if (request.live !== undefined) reply.page({ ...page, items: ['news'], nextOffset: '2' })
  else reply.page({ ...page, headers: cors })
}

/** How each stream is sick. */
const answers: Record<string, ScriptedHandler> = {
  '/html': (_, reply) => reply.page({ body: '<html>', headers: { ...cors, 'content-type': 'text/html' } }),
  '/text': (request, reply) =>
    request.live === undefined && request.method === 'GET'
      ? reply.page({ ...page, headers: { ...cors, 'content-type': 'text/plain' } })
      : healthy(request, reply),
  '/no-cors': (request, reply) => (request.live === undefined ? reply.page(page) : healthy(request, reply)),
  '/hidden': (request, reply) =>
    request.live === undefined && request.method === 'GET'
      ? reply.page({ ...page, headers: { 'access-control-allow-origin': '*' } })
      : healthy(request, reply),
  '/hidden-gap': (request, reply) =>
    request.live === undefined && request.method === 'GET'
      ? reply.page({
          ...page,
          headers: {
            ...cors,
            'access-control-expose-headers':
              'Stream-Next-Offset, Stream-Cursor, Stream-Up-To-Date, Stream-Closed',
          },
        })
      : healthy(request, reply),
  '/no-preflight': (request, reply) =>
    request.method === 'OPTIONS' ? reply.status(405) : healthy(request, reply),
  // The head arrives, the events do not.
  '/buffered': (request, reply) => (request.live === 'sse' ? void reply.sse() : healthy(request, reply)),
  // Not even the head arrives.
  '/held': (request, reply) => (request.live === 'sse' ? reply.hang() : healthy(request, reply)),
  '/no-sse': (request, reply) => (request.live === 'sse' ? reply.status(400) : healthy(request, reply)),
  '/clock': (request, reply) =>
    request.method === 'GET' && request.live === undefined
      ? reply.page({ ...page, headers: { ...cors, date: new Date(Date.now() + 600_000).toUTCString() } })
      : healthy(request, reply),
  '/elsewhere': (_, reply) => reply.status(307, { headers: { location: 'http://127.0.0.1:9/here' } }),
  '/circle': ({ query }, reply) => reply.status(307, { headers: { location: `/circle?${query}` } }),
  '/moved': ({ query }, reply) => reply.status(308, { headers: { location: `/healthy?${query}` } }),
  '/stripped': (request, reply) =>
    request.method === 'GET' && request.live === undefined
      ? reply.page({ ...page, upToDate: false, headers: cors })
      : healthy(request, reply),
  '/hidden-id': (request, reply) =>
    request.offset === '-1'
      ? reply.page({ ...page, headers: { ...cors, etag: '"7:0:1"' } })
      : healthy(request, reply),
  '/kept': (request, reply) =>
    request.offset === 'now'
      ? reply.page({ ...page, headers: { ...cors, age: '7', 'set-cookie': 'node=2; path=/' } })
      : healthy(request, reply),
  '/hasty': (request, reply) =>
    request.live === 'long-poll' ? reply.noContent({ nextOffset: '1' }) : healthy(request, reply),
  '/expires': (request, reply) =>
    request.method === 'HEAD'
      ? reply.status(200, { headers: { 'stream-expires-at': '2030-01-01T00:00:00Z' } })
      : healthy(request, reply),
  '/ttl': (request, reply) =>
    request.method === 'HEAD'
      ? reply.status(200, { headers: { 'stream-ttl': '60' } })
      : healthy(request, reply),
}

interface Report {
  readonly checks: readonly { check: string; verdict: string; message: string; remedy?: string }[]
}

/** Examines a stream; returns what is not in order, and the exit code. */
async function examine(url: string, ...args: string[]) {
  const { code, stdout } = await cli.run([
    'doctor',
    url,
    '--project',
    folder,
    '--json',
    '--timeout',
    '1',
    ...args,
  ])
  const { checks } = JSON.parse(stdout) as Report
  return { code, found: checks.filter(({ verdict }) => verdict === 'fault' || verdict === 'warning') }
}

const plainHttp = {
  check: 'HTTP version',
  verdict: 'warning',
  message: expect.stringContaining('six connections'),
}

test('[K14] doctor finds nothing wrong with a real server but plain HTTP, and that reads renew a lifetime', async () => {
  const url = await server.createStream('/rooms/1')
  const { code, found } = await examine(url, '--probe')
  expect(found).toEqual([expect.objectContaining(plainHttp)])
  expect(code).toBe(0)
})

test('[EN5] doctor --probe says what the server can do, and what it cannot', async () => {
  const url = await server.createStream('/probed')
  const { stdout } = await cli.run([
    'doctor',
    url,
    '--project',
    folder,
    '--json',
    '--timeout',
    '1',
    '--probe',
  ])
  const { checks } = JSON.parse(stdout) as Report
  expect(checks.find(({ check }) => check === 'capabilities')?.message).toMatch(
    /^the server has sse, .*forks.*; it has no .*identity \(the etag is the same/,
  )
})

test.concurrent.each([
  ['/html', 'content type', 'fault', 'no Stream-Next-Offset header (content type text/html)'],
  ['/text', 'content type', 'fault', 'the content type is text/plain'],
  ['/no-cors', 'CORS', 'fault', 'Access-Control-Allow-Origin is missing'],
  ['/hidden', 'CORS', 'fault', 'Access-Control-Expose-Headers lacks them'],
  ['/hidden-gap', 'CORS', 'warning', 'do not see producer-epoch, producer-seq, producer-expected-seq'],
  ['/no-preflight', 'CORS', 'fault', 'the preflight of a write (OPTIONS) is answered 405'],
  [
    '/buffered',
    'live reading',
    'fault',
    'its first event does not come within 1 s: something in between buffers',
  ],
  ['/held', 'live reading', 'fault', 'it is not answered within'],
  ['/no-sse', 'live reading', 'warning', 'does not stream events (SSE)'],
  ['/clock', 'clock', 'fault', 'the server is ahead'],
  ['/elsewhere', 'redirects', 'fault', 'leads elsewhere: 307 to http://127.0.0.1:9/here'],
  ['/circle', 'redirects', 'fault', 'leads in a circle'],
  ['/moved', 'redirects', 'warning', '/healthy: each connection costs a request more'],
  ['/stripped', 'content type', 'warning', 'no Stream-Up-To-Date header'],
  ['/hidden-id', 'identity', 'warning', 'Access-Control-Expose-Headers lacks ETag'],
  ['/hasty', 'quiet connections', 'warning', 'is answered at once, with nothing'],
  ['/expires', 'lifetime', 'warning', 'nothing renews that'],
  ['/ttl', 'lifetime', 'warning', 'when it was not used for 60 s'],
])('[K14] doctor: %s is told as %s', async (path, check, verdict, message) => {
  // In this process: eleven others would take their time.
  const signal = new AbortController().signal
  const timeout = /buffered|held/.test(path) ? 1_000 : 15_000
  const patient = {
    location: { url: `${sick.url}${path}`, headers: {} },
    origin: 'http://localhost:5173',
    timeout,
    mayProbe: false,
    signal,
  }
  const found: Diagnosis[] = []
  for await (const each of diagnose(patient)) {
    if (each.check !== 'HTTP version' && /fault|warning/.test(each.verdict)) found.push(each)
  }
  expect(found).toEqual([
    expect.objectContaining({
      check,
      verdict,
      message: expect.stringContaining(message),
      remedy: expect.any(String),
    }),
  ])
})

test('[RD15] doctor: the end of a log out of a cache, and a cookie with each answer', async () => {
  const { found } = await examine(`${sick.url}/kept`)
  expect(found.filter(({ check }) => check === 'caches')).toMatchObject([
    {
      verdict: 'fault',
      message: expect.stringContaining('Age: 7'),
      remedy: expect.stringContaining('proxy_cache_valid'),
    },
    { verdict: 'warning', message: expect.stringContaining('(node)') },
  ])
})

test('[K14] doctor: a lifetime that reads do not renew, and a server that is away', async () => {
  let reads = 0
  const forgetful = await startScriptedServer((request, reply) => {
    if (request.path === '/x') return healthy(request, reply)
    if (request.method === 'GET' && ++reads > 2) reply.status(404)
    else reply.status(request.method === 'PUT' ? 201 : 200)
  })
  const [forgotten, away] = await Promise.all([
    examine(`${forgetful.url}/x`, '--probe'),
    examine('http://127.0.0.1:9/x'),
  ])
  expect(forgotten.found.at(-1)).toMatchObject({ check: 'lifetime', verdict: 'fault' })
  expect(forgetful.requests.some(({ method }) => method === 'DELETE')).toBe(true)
  expect(away).toMatchObject({ code: 1, found: [{ check: 'reachable', verdict: 'fault' }] })
  await forgetful.close()
})

test('[K14] doctor names two copies of TanStack DB, and takes one behind several links for one', async () => {
  const install = async (path: string, version: string) => {
    await mkdir(join(folder, path), { recursive: true })
    await writeFile(join(folder, path, 'package.json'), JSON.stringify({ name: '@tanstack/db', version }))
  }
  await install('one/node_modules/.pnpm/db/node_modules/@tanstack/db', '0.15.1')
  await mkdir(join(folder, 'one/node_modules/@tanstack'), { recursive: true })
  const store = join(folder, 'one/node_modules/.pnpm/db/node_modules/@tanstack/db')
  await symlink(store, join(folder, 'one/node_modules/@tanstack/db'), 'dir')
  await install('two/node_modules/@tanstack/db', '0.15.2')
  await install('two/node_modules/@tanstack/react-db/node_modules/@tanstack/db', '0.15.1')
  const [one, two] = await Promise.all(
    ['one', 'two'].map((name) => cli.run(['doctor', '--project', join(folder, name)])),
  )
  expect(one).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('ok      one TanStack DB: @tanstack/db 0.15.1'),
  })
  expect(two?.code).toBe(1)
  expect(two?.stdout).toMatch(
    /2 copies of @tanstack\/db are installed: 0\.15\.2 in .+; 0\.15\.1 in .+\n +what to do Install one version/,
  )
})
