import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { eventually, startCachingServer, startStreamServer } from '@streamdb/testkit'
import type { ScriptedServer, StreamServer } from '@streamdb/testkit'
import { nginxMissing, startNginx } from '@streamdb/testkit/nginx'
import type { Nginx } from '@streamdb/testkit/nginx'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createHttpTransport } from '../src/index.ts'
import type { ConnectionEvent } from '../src/index.ts'
import { sseSupportOf } from '../src/sse-support.ts'
import { createHttp2Fetch } from './http2-fetch.ts'
import { openTestPage } from './browser/site.ts'
import type { TestPage } from './browser/page.ts'
import { openSource } from './open-source.ts'
import type { OpenSource, OpenSourceOptions } from './open-source.ts'

declare const page: TestPage

/** The configurations that docs/proxies.md gives: without a cache, and with one. */
const documented = [
  ...readFileSync(new URL('../../../docs/proxies.md', import.meta.url), 'utf8').matchAll(
    /```nginx\n([\s\S]+?)```/g,
  ),
].map(([, text = '']) => text)

/** Gives a configuration of the docs the addresses of this test, and nothing else. */
function atHome(text: string | undefined, upstream: string): string {
  return (text ?? '')
    .replace('127.0.0.1:4437', new URL(upstream).host)
    .replaceAll('listen 443', 'listen LISTEN')
    .replaceAll('/etc/nginx/tls', 'FOLDER/tls')
    .replace('/var/cache/nginx/streams', 'FOLDER/cache')
}

let server: StreamServer
/** A server that allows what it answers to be kept for a minute, as ds does, and counts what it is asked. */
let kept: ScriptedServer
beforeAll(async () => {
  server = await startStreamServer()
  // Some keep what is missing as well.
  kept = await startCachingServer(
    server,
    ({ answer }) => answer.headers.get('cache-control') ?? 'public, max-age=60',
  )
})
afterAll(async () => {
  await kept.close()
  await server.stop()
})

async function runNginx(http: string, tls = false): Promise<Nginx> {
  const nginx = await startNginx({ http, tls })
  onTestFinished(() => nginx.close())
  return nginx
}

const proxied = (directives: string, upstream = server.url): string =>
  `server { listen LISTEN; location / { proxy_pass ${upstream}; ${directives} } }`

/** Opens a stream of one item through a proxy; `append` goes past it. */
async function openThrough(nginx: Nginx, options: OpenSourceOptions = {}) {
  const direct = await server.createStream(undefined, { items: ['a'] })
  const url = `${nginx.url}${new URL(direct).pathname}`
  const source = openSource(url, options)
  return { ...source, url, append: (...items: unknown[]) => server.appendItems(direct, items) }
}

const modesOf = ({ events }: OpenSource): string[] =>
  events.flatMap((event: ConnectionEvent) => (event.type === 'mode' ? [event.mode] : []))

async function write(source: OpenSource, ...items: readonly string[]): Promise<void> {
  const ending = new AbortController()
  const transport = createHttpTransport({ ...source, signal: ending.signal })
  for (const item of items) await transport.append({ txid: item, body: JSON.stringify(item) }).done
  ending.abort()
}

describe.skipIf(nginxMissing !== undefined)(`nginx in front ${nginxMissing ?? ''}`, () => {
  test('[RD13] the documented configuration: live by SSE, HTTP/2 by Node and by Chromium, compressed pages', async () => {
    const nginx = await runNginx(atHome(documented[0], server.url), true)
    const http2 = createHttp2Fetch(nginx.url)
    onTestFinished(() => http2.close())
    const opened = await openThrough(nginx, { streamOptions: { fetch: http2.fetch } })
    await eventually(() => expect(modesOf(opened)).toEqual(['sse']))
    await opened.append('b')
    await write(opened, 'c', 'd'.repeat(2_000_000))
    await eventually(() => expect(opened.items).toEqual(['a', 'b', 'c', 'd'.repeat(2_000_000)]))
    expect(opened.events.map(({ type }) => type)).not.toContain('break')
    expect(await negotiate(nginx.url)).toBe('h2')
    const compressed = await http2.fetch(`${opened.url}?offset=-1`, {
      headers: { 'accept-encoding': 'gzip' },
    })
    expect(compressed.headers.get('content-encoding')).toBe('gzip')

    // Over HTTP/1.1 a browser has six connections: four of seven readers were live.
    const tab = await openTestPage({ ignoreHTTPSErrors: true })
    const paths = await Promise.all(
      Array.from({ length: 7 }, (_, n) => server.createStream(undefined, { items: [n] })),
    )
    await tab.evaluate(
      (urls) => page.open(urls),
      paths.map((each) => `${nginx.url}${new URL(each).pathname}`),
    )
    await tab.waitForFunction(() => page.modes().every((mode) => mode === 'sse'))
    await tab.evaluate(() => page.append(6, '"own"'))
    await Promise.all(paths.map((each) => server.appendItems(each, ['others'])))
    await tab.waitForFunction(() => page.items().every((items) => items.includes('others')))
  })

  test('[RD13] the documented cache: many readers are one request, and nobody is told an old end', async () => {
    const nginx = await runNginx(atHome(documented[1], kept.url).replace(' ssl http2', ''))
    const direct = await server.createStream(undefined, { items: ['a'] })
    const url = `${nginx.url}${new URL(direct).pathname}`
    const before = kept.requests.length
    const readers = Array.from({ length: 20 }, () => openSource(url, { live: 'long-poll' }))
    await eventually(() => expect(readers.every(({ items }) => items.length === 1)).toBe(true))
    const pages = kept.requests.slice(before).filter(({ offset }) => offset === '-1')
    expect(pages).toHaveLength(1)
    await server.appendItems(direct, ['b'])
    await eventually(() => expect(readers.every(({ items }) => items.length === 2)).toBe(true))
    for (const { source } of readers) source.stop()
    // The first page is kept as it was; the end is not.
    const late = openSource(url, { live: false, streamOptions: { headers: { 'x-late': '1' } } })
    await eventually(() => expect(late.events.at(-1)).toMatchObject({ type: 'end' }))
    expect(late.items).toEqual(['a', 'b'])
    // What is missing is not kept either.
    const missing = openSource(`${url}-later`, { live: 'long-poll', onMissing: 'wait' })
    await eventually(() => expect(missing.events.at(-1)).toMatchObject({ type: 'break' }))
    await server.createStream(`${new URL(direct).pathname}-later`, { items: ['x'] })
    await eventually(() => expect(missing.items).toEqual(['x']))
  })

  test('[RD12] buffering, as nginx has it unless told: long-polls within seconds, and no break', async () => {
    const nginx = await runNginx(proxied(''))
    const opened = await openThrough(nginx)
    // Three connections, of two seconds each.
    await eventually(() => expect(modesOf(opened)).toEqual(['sse', 'long-poll']), { timeout: 30_000 })
    await opened.append('b')
    await eventually(() => expect(opened.items).toEqual(['a', 'b']))
    expect(opened.events.map(({ type }) => type)).not.toContain('break')
    expect(sseSupportOf(nginx.url).isUsable).toBe(false)
  })

  test('[RD14] compression of events, timeouts below a long-poll, errors as pages, a cache that keeps too much: nothing is lost', async () => {
    const gzip = 'proxy_buffering off; gzip on; gzip_types *; gzip_min_length 1;'
    const short = 'proxy_buffering off; proxy_read_timeout 300ms;'
    const greedy =
      'proxy_cache c; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control; add_header Set-Cookie seen=1;'
    const cache = 'proxy_cache_path FOLDER/cache keys_zone=c:1m;\n'
    const opened = await Promise.all(
      (
        [
          [gzip, 'sse'],
          [short, 'sse'],
          [short, 'long-poll'],
          [greedy, 'long-poll'],
        ] as const
      ).map(async ([directives, live]) => {
        const nginx = await runNginx(`${directives === greedy ? cache : ''}${proxied(directives)}`)
        const times = { initialDelay: 20, maxDelay: 100 }
        return openThrough(nginx, { live, times })
      }),
    )
    for (const each of opened) await eventually(() => expect(each.items).toEqual(['a']))
    // Until the timeout has cut a quiet connection, and a long-poll.
    const [compressed, , cut] = opened
    await eventually(() => expect(cut?.events.map(({ type }) => type)).toContain('break'))
    for (const each of opened) await each.append('b')
    for (const each of opened) await eventually(() => expect(each.items).toEqual(['a', 'b']))
    for (const each of opened) expect(each.restarts).toEqual([])
    expect(compressed && modesOf(compressed)).toEqual(['sse'])
  })

  test('[RD14] a stream server that is down behind the proxy: its page of HTML is waited out, as 200 too', async () => {
    const away = await startStreamServer()
    const direct = await away.createStream('/s', { items: ['a'] })
    const path = new URL(direct).pathname
    const proxies = await Promise.all([
      runNginx(proxied('', away.url)),
      runNginx(
        `server { listen LISTEN; location / { proxy_pass ${away.url}; error_page 502 =200 /down; } location = /down { default_type text/html; return 200 "<html>down"; } }`,
      ),
    ])
    await away.stop()
    const sources = proxies.map(({ url }) => openSource(`${url}${path}`, { live: 'long-poll' }))
    for (const { events } of sources)
      await eventually(() =>
        expect(events.at(-1)).toMatchObject({ type: 'break', error: { code: 'unreachable' } }),
      )
    await away.restart({ keepStreams: true })
    onTestFinished(() => away.stop())
    for (const { items } of sources) await eventually(() => expect(items).toEqual(['a']))
  })
})

/** Returns the protocol that TLS agrees on. */
function negotiate(url: string): Promise<string | false | null> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url)
    const options = { host, port: Number(port), ALPNProtocols: ['h2', 'http/1.1'], rejectUnauthorized: false }
    const socket = connect(options, () => {
      resolve(socket.alpnProtocol)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
