import { startCachingServer, startStreamServer } from '@streamdb/testkit'
import type { ScriptedServer, StreamServer } from '@streamdb/testkit'
import { nginxMissing, startNginx } from '@streamdb/testkit/nginx'
import type { Nginx } from '@streamdb/testkit/nginx'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { probeCaches } from '../src/doctor/check-caches.ts'
import type { Diagnosis, Patient } from '../src/doctor/diagnosis.ts'
import { examine } from '../src/doctor/examine.ts'

let server: StreamServer
/** Allows all that it answers to be kept for a minute. */
let kept: ScriptedServer
let nginx: Nginx

/** What each location does to the streams below it. */
const locations = (): Record<string, string> => ({
  buffered: proxy(),
  gzip: `${proxy()} proxy_buffering off; gzip on; gzip_types *; gzip_min_length 1;`,
  cut: `${proxy()} proxy_buffering off; proxy_read_timeout 300ms;`,
  down: 'proxy_pass http://127.0.0.1:9/;',
  stripped: `${proxy()} proxy_buffering off; proxy_hide_header Stream-Next-Offset;`,
  small: `${proxy()} proxy_buffering off; client_max_body_size 64k;`,
  greedy: `${proxy()} proxy_cache c; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control; proxy_cache_key $request_uri;`,
  stale: `${proxy(kept.url)} proxy_cache c; proxy_cache_valid 200 1m;`,
  missing: `${proxy()} proxy_cache c; proxy_cache_valid 404 1m;`,
  good: `${proxy()} proxy_buffering off; client_max_body_size 16m;`,
  sticky: `${proxy()} proxy_buffering off; add_header Set-Cookie node=2;`,
})

const proxy = (url = server.url): string =>
  `proxy_pass ${url}/; proxy_http_version 1.1; proxy_set_header Connection "";`

beforeAll(async () => {
  server = await startStreamServer()
  await server.createStream('/s', { items: ['a'] })
  kept = await startCachingServer(server, ({ answer, query }) =>
    answer.ok && query.get('offset') === '-1' ? 'public, max-age=60' : 'no-store',
  )
  if (nginxMissing !== undefined) return
  const all = Object.entries(locations()).map(([name, text]) => `location /${name}/ { ${text} }`)
  const tls = 'ssl_certificate FOLDER/tls.crt; ssl_certificate_key FOLDER/tls.key;'
  const cache = 'proxy_cache_path FOLDER/cache keys_zone=c:1m;'
  nginx = await startNginx({
    http: `${cache} ${tls} server { listen LISTEN ssl http2; ${all.join(' ')} }`,
    tls: true,
  })
})

afterAll(async () => {
  await Promise.all([nginx?.close(), kept.close(), server.stop()])
})

/** The stream behind a location, as a page of its origin sees it. */
function patientOf(location: string): Patient {
  // A self-signed certificate.
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  onTestFinished(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  })
  return {
    location: { url: `${nginx.url}/${location}/s`, headers: {} },
    origin: nginx.url,
    timeout: 700,
    mayProbe: false,
    signal: new AbortController().signal,
  }
}

async function findings(location: string): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for await (const each of examine(patientOf(location))) found.push(each)
  return found
}

describe.skipIf(nginxMissing !== undefined)(`doctor, and nginx in front ${nginxMissing ?? ''}`, () => {
  test.each<[string, string, string, string]>([
    ['buffered', 'live reading', 'within 0.7 s: something in between buffers', 'proxy_buffering off'],
    ['gzip', 'live reading', 'compressed (gzip)', 'gzip_types'],
    ['cut', 'quiet connections', 'is answered 504 after 0.', 'proxy_read_timeout 120s'],
    ['down', 'reachable', '502 with a page of HTML', 'proxy_pass'],
    ['stripped', 'content type', 'a proxy strips it', 'proxy_hide_header'],
    ['sticky', 'caches', 'set a cookie (node)', 'proxy_hide_header Set-Cookie'],
  ])('[RD15] %s: %s', async (location, check, message, remedy) => {
    expect(await findings(location)).toContainEqual(
      expect.objectContaining({
        check,
        verdict: expect.stringMatching(/fault|warning/),
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    )
  })

  test('[RD15] HTTP/2 is seen, and what is in order has no remedy', async () => {
    const found = await findings('good')
    expect(found.map(({ verdict }) => verdict)).not.toContain('fault')
    expect(found.find(({ check }) => check === 'HTTP version')).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('HTTP/2'),
    })
  })

  test.each<[string, string, string]>([
    ['small', 'a write of 2 MB is', 'client_max_body_size 16m'],
    ['greedy', 'keeps that a stream is missing (404)', 'proxy_cache_valid'],
    ['missing', 'keeps that a stream is missing (404)', 'proxy_cache_valid'],
    ['stale', 'also where it is asked for the present one', 'proxy_cache_bypass $http_cache_control'],
    ['good', 'none keeps what has changed', ''],
  ])('[RD15] with --probe, %s: %s', async (location, message, remedy) => {
    const patient = { ...patientOf(location), timeout: 5_000 }
    const found = await probeCaches(patient, patient.location.url)
    const named = found.find((each) => each.message.includes(message))
    expect(named?.remedy ?? '').toContain(remedy)
    expect(named).toBeDefined()
  })
})
