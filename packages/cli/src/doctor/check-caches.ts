import { randomId } from '@streamdb/log'
import { reasonOf } from '../request.ts'
import { within, withParams } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'
import type { Answer } from './check-answer.ts'

const check = 'caches'
const sizes = 'size of writes'

/** A transaction of this size is large, and not unusual: pasted text, a document. In bytes. */
const largeWrite = 2 * 1024 * 1024

/** Looks for signs of a cache in an answer that must not come from one. */
export function checkCacheHeaders({ response: { headers } }: Answer): Diagnosis[] {
  const found: Diagnosis[] = []
  const hit = ['x-cache', 'x-cache-status', 'cf-cache-status', 'x-proxy-cache', 'cache-status']
    .map((name) => [name, headers.get(name) ?? ''] as const)
    .find(([, value]) => /\bhit\b/i.test(value))
  const age = Number(headers.get('age'))
  if (hit !== undefined || age > 0) {
    const sign = hit === undefined ? `Age: ${age}` : `${hit[0]}: ${hit[1]}`
    found.push(keepsAll(`the end of the log comes out of a cache (${sign})`))
  }
  const cookie = headers.get('set-cookie')?.split('=')[0]
  if (cookie !== undefined) {
    found.push({
      check,
      verdict: 'warning',
      message: `the answers set a cookie (${cookie}): no cache keeps them`,
      remedy:
        'Keep cookies for sticky sessions away from the streams: `proxy_hide_header Set-Cookie` in nginx',
    })
  }
  return found
}

function keepsAll(message: string): Diagnosis {
  const remedy =
    'Keep what the server allows and no more: in nginx no `proxy_ignore_headers Cache-Control`, and no `proxy_cache_valid` but ' +
    'for 200 of pages; never requests with `live=`'
  return { check, verdict: 'fault', message, remedy }
}

/** Makes a stream beside the one that is looked at, writes to it, and tells what a cache or a limit on the way does with that. */
export async function probeCaches(patient: Patient, url: string): Promise<Diagnosis[]> {
  const { location, signal } = patient
  const beside = new URL(`./streamdb-doctor-${randomId()}`, url).href
  const send = async (method: string, target: string, init: RequestInit = {}): Promise<Response> =>
    fetch(target, {
      method,
      headers: { ...location.headers, ...(method !== 'GET' && { 'content-type': 'application/json' }) },
      signal: within(patient),
      ...init,
    })
  const read = async (cache: RequestCache = 'default'): Promise<string> =>
    (await send('GET', withParams(beside, { offset: '-1' }), { cache })).text()
  try {
    await read()
    const made = await send('PUT', beside)
    if (!made.ok)
      return [{ check, verdict: 'skipped', message: `no stream can be made beside it: ${made.status}` }]
    const missing = await send('GET', withParams(beside, { offset: '-1' }), { cache: 'no-store' })
    await missing.body?.cancel()
    if (missing.status === 404)
      return [keepsAll('a cache keeps that a stream is missing (404), when it exists by now')]
    await send('POST', beside, { body: '["one"]' })
    await read()
    const appended = await send('POST', beside, { body: '["two"]' })
    const end = appended.headers.get('stream-next-offset')
    const now = await send('GET', withParams(beside, { offset: 'now' }))
    await now.body?.cancel()
    const found: Diagnosis[] = []
    if (end !== null && now.headers.get('stream-next-offset') !== end)
      found.push(
        keepsAll('a cache answers with an old end of the log, which the server forbids to keep (no-store)'),
      )
    else if (!(await read('no-store')).includes('two')) {
      found.push({
        check,
        verdict: 'warning',
        message:
          'a cache answers with a page as it was, also where it is asked for the present one: readers ask once more by another URL',
        remedy: 'Let it obey requests: `proxy_cache_bypass $http_cache_control` in nginx',
      })
    } else {
      const isKept = !(await read()).includes('two')
      const message = isKept
        ? 'a cache keeps pages, and lets those pass who ask for the present one'
        : 'none keeps what has changed'
      found.push({ check, verdict: 'ok', message })
    }
    found.push(await checkSize((body) => send('POST', beside, { body })))
    return found
  } catch (error) {
    signal.throwIfAborted()
    return [{ check, verdict: 'skipped', message: `no stream can be tried beside it: ${reasonOf(error)}` }]
  } finally {
    await fetch(beside, { method: 'DELETE', headers: location.headers }).catch(() => undefined)
  }
}

/** Checks that a large transaction gets through. */
async function checkSize(post: (body: string) => Promise<Response>): Promise<Diagnosis> {
  const what = `a write of ${largeWrite / 1024 / 1024} MB`
  // One that is refused early may cut the connection, instead of an answer.
  const status = await post(JSON.stringify(['x'.repeat(largeWrite)])).then(
    (response) => response.status,
    () => undefined,
  )
  if (status !== undefined && status < 300)
    return { check: sizes, verdict: 'ok', message: `${what} gets through` }
  return {
    check: sizes,
    verdict: 'warning',
    message: `${what} is ${status === undefined ? 'cut off' : `answered ${status}`}: large transactions fail`,
    remedy:
      'Allow as much as the largest transaction takes: `client_max_body_size 16m` in nginx, or the limit of the server',
  }
}
