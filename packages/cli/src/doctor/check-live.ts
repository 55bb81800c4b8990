import { reasonOf } from '../request.ts'
import { withParams } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'

const check = 'live reading'

const unbuffered =
  'Let the proxy pass events on as they come: `proxy_buffering off` in nginx, or the header X-Accel-Buffering: no; ' +
  "no compression of text/event-stream; no cache. Until then set live: 'long-poll'"

/** Checks that events of a live connection come at once: a server says at the beginning that the reader is up to date. */
export async function checkLive(patient: Patient, offset: string): Promise<Diagnosis> {
  const { location, signal, timeout } = patient
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeout)
  const seconds = timeout / 1_000
  let hasHead = false
  try {
    const response = await fetch(withParams(location.url, { offset, live: 'sse' }), {
      headers: { ...location.headers, accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, controller.signal]),
    })
    hasHead = true
    const type = response.headers.get('content-type') ?? 'nothing'
    if (!response.ok || !type.startsWith('text/event-stream')) {
      return {
        check,
        verdict: 'warning',
        message: `the server does not stream events (SSE): it answers ${response.status} with ${type}`,
        remedy:
          'Readers fall back to long-polls, which cost a request for each event: use a server, and a proxy, with SSE',
      }
    }
    const first = await response.body?.getReader().read()
    if (first === undefined || first.done) {
      const message = 'a live connection ends before its first event'
      return {
        check,
        verdict: 'fault',
        message,
        remedy: 'Let the proxy keep connections open: raise its read timeout',
      }
    }
    const encoding = response.headers.get('content-encoding')
    if (encoding !== null && encoding !== 'identity') {
      const message = `live events come compressed (${encoding}): many proxies hold them back to fill a block`
      return {
        check,
        verdict: 'warning',
        message,
        remedy: 'Do not compress text/event-stream: leave it out of `gzip_types` in nginx',
      }
    }
    return { check, verdict: 'ok', message: 'events come as they are written' }
  } catch (cause) {
    signal.throwIfAborted()
    if (!controller.signal.aborted) {
      return {
        check,
        verdict: 'fault',
        message: `a live connection breaks off: ${reasonOf(cause)}`,
        remedy: unbuffered,
      }
    }
    const what = hasHead ? 'its first event does not come' : 'it is not answered'
    const message = `a live connection is opened, and ${what} within ${seconds} s: something in between buffers`
    return { check, verdict: 'fault', message, remedy: unbuffered }
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}
