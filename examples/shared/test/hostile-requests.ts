import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { hostOf, rawRequest } from './raw-request.ts'

/** Request targets that are not a path of ours; `HOST` stands for another server's address. */
const badTargets = [
  ...[
    '//',
    '///',
    '//HOST/stream/rooms/lobby',
    '//HOST',
    '///HOST/stream/rooms/lobby',
    '/\\HOST/stream/rooms/lobby',
  ],
  ...[
    'http://HOST/stream/rooms/lobby',
    'HTTP://HOST/',
    'https://HOST/stream/files/a',
    'ftp://HOST/',
    'http://',
    'a:b',
  ],
  ...[
    'http://127.0.0.1@HOST/stream/rooms/lobby',
    'http:HOST/stream/rooms/lobby',
    '*',
    'stream/rooms/lobby',
    '?',
  ],
  ...['/stream//HOST/x', '/stream/rooms//lobby', '/stream/../stream/rooms/lobby', '/stream/rooms/./lobby'],
  ...[
    '/stream/files/../../..//HOST/x',
    '/stream/files/%2e%2e/%2e%2e/%2e%2e//HOST/x',
    '/stream/files/..%2f..%2fx',
  ],
  ...[
    '/stream/rooms/%2e%2e/rooms/lobby',
    '/stream%2frooms%2flobby',
    '/stream/rooms/lob%62y',
    '/stream/rooms%5clobby',
  ],
  ...[
    '/stream\\rooms\\lobby',
    '/stream/rooms/lobby%00',
    '/%',
    '/%zz',
    '/%c0%ae',
    '/stream/rooms/lobby/',
    '/.git/x',
  ],
  ...[
    '/stream/rooms/lobby;x=1',
    '/stream/rooms/lobby#x',
    '/@HOST/',
    '/stream/rooms/[::1]',
    '/\u0085',
    '/..',
    '/.',
  ],
  ...[
    '/_test/../_test/inject-error',
    '/%5ftest/inject-error',
    '//[::1]/stream/rooms/lobby',
    'http://[::1]/',
    '//%',
  ],
]

/** Hosts that name another machine, or none. */
const badHosts = [
  ...[
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1.evil.example:PORT',
    'localhost.evil.example:PORT',
    '0.0.0.0:PORT',
  ],
  ...[
    '127.0.0.1@evil.example',
    'evil.example/127.0.0.1:PORT',
    '[::1]:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '2130706433',
  ],
  ...[
    '127.1:PORT',
    '0x7f000001:PORT',
    'localhost.:PORT',
    '.localhost:PORT',
    'a.b.localhost:PORT',
    '127.0.0.1:PORT:1',
  ],
  ...[
    '127.0.0.1:999999',
    '',
    'localhost%00.evil.example',
    'lo\u0430lhost:PORT',
    'a\\.localhost:PORT',
    '_.localhost',
  ],
]

/**
 * Sends the server at `url` what no page of it sends. Expects that each is refused, that nothing reaches another
 * server, and that the server answers afterwards.
 */
export async function expectToWithstand(url: string): Promise<void> {
  const other = await listenElsewhere()
  const own = hostOf(url)
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE', 'PUT']) {
    for (const target of badTargets.map((each) => each.replaceAll('HOST', other.host))) {
      const { status } = await rawRequest(url, [`${method} ${target} HTTP/1.1`, `Host: ${own}`])
      expect(status, `${method} ${target}`).toBe(400)
    }
  }
  for (const host of badHosts.map((each) => each.replaceAll('PORT', new URL(url).port))) {
    for (const path of ['/', '/stream/rooms/lobby?offset=-1', '/chat.json', '/history.json']) {
      const { status } = await rawRequest(url, [`GET ${path} HTTP/1.1`, `Host: ${host}`])
      expect([400, 403], `Host: ${host} ${path}`).toContain(status)
    }
  }
  expect((await rawRequest(url, ['GET / HTTP/1.1'])).status).toBe(400)
  expect((await rawRequest(url, ['GET / HTTP/1.0'])).status).toBe(403)
  const twice = ['GET / HTTP/1.1', `Host: ${own}`, 'Host: evil.example']
  expect([400, 403]).toContain((await rawRequest(url, twice)).status)

  // What is no HTTP at all, or too much of it.
  for (const lines of [
    [`BREW / HTTP/1.1`, `Host: ${own}`],
    [`GET / HTTP/9.9`, `Host: ${own}`],
    [`GET / HTTP/1.1`, `Host: ${own}`, `X: ${'x'.repeat(100_000)}`],
    [`GET /${'x'.repeat(100_000)} HTTP/1.1`, `Host: ${own}`],
    [`GET / HTTP/1.1`, `Host: ${own}`, `X: a\rStream-Closed: true`],
    [`GET / HTTP/1.1`, `Host: ${own}`, ' folded: header'],
    [`POST / HTTP/1.1`, `Host: ${own}`, 'Content-Length: 1', 'Content-Length: 2'],
    [`POST / HTTP/1.1`, `Host: ${own}`, 'Content-Length: -1'],
    [`POST / HTTP/1.1`, `Host: ${own}`, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
    [`CONNECT ${other.host} HTTP/1.1`, `Host: ${own}`],
    ['\u0000\u0001\u0002'],
    ['PRI * HTTP/2.0'],
  ]) {
    const { status } = await rawRequest(url, lines)
    expect(status === 0 || (status >= 400 && status < 500), `${lines[0]?.slice(0, 60)}: ${status}`).toBe(true)
  }
  for (const method of ['TRACE', 'PATCH', 'PROPFIND', 'DELETE', 'POST', 'PUT']) {
    const { status, headers } = await rawRequest(url, [`${method} / HTTP/1.1`, `Host: ${own}`])
    expect([status, headers.get('allow')], method).toEqual([405, 'GET, HEAD'])
  }

  expect(other.requests).toEqual([])
  const page = await rawRequest(url, ['GET / HTTP/1.1', `Host: ${own}`])
  expect(page.status).toBe(200)
  expect(page.body).toContain('<div id="root">')
}

/** Starts another server, and records every request that reaches it. */
async function listenElsewhere(): Promise<{ readonly host: string; readonly requests: readonly string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.setHeader('content-type', 'text/html').end('<script>alert(1)</script>')
  })
  server.on('connection', (socket) => {
    requests.push('connection')
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  // A server that listens on a port has an address that is an object.
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
