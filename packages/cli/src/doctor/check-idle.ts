import { reasonOf } from '../request.ts'
import { withParams } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'

const check = 'quiet connections'

/** An answer that comes sooner, and brings nothing, did not wait for anything. */
const soon = 100

/** Checks that a request that waits for news is left to wait: a long-poll at the end of the log, for as long as an answer may take. */
export async function checkIdle(patient: Patient, url: string, offset: string): Promise<Diagnosis> {
  const { location, signal, timeout } = patient
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeout)
  const startedAt = performance.now()
  const waited = (): string => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`
  const cut = (how: string): Diagnosis => ({
    check,
    verdict: 'fault',
    message: `a request that waits for news ${how} after ${waited()}: a time limit on the way is shorter than the server's`,
    remedy:
      'Raise the limit of the proxy above the time that a long-poll takes: `proxy_read_timeout 120s` in nginx; until then the ' +
      'stream reconnects each time',
  })
  try {
    const response = await fetch(withParams(url, { offset, live: 'long-poll' }), {
      headers: location.headers,
      signal: AbortSignal.any([signal, controller.signal]),
    })
    await response.body?.cancel()
    const { status, headers } = response
    if (headers.has('stream-next-offset') && response.ok) {
      const isNews = headers.get('stream-next-offset') !== offset || headers.has('stream-closed')
      if (isNews || performance.now() - startedAt > soon)
        return { check, verdict: 'ok', message: `a long-poll is answered by the server, after ${waited()}` }
      return {
        check,
        verdict: 'warning',
        message:
          'a long-poll at the end of the log is answered at once, with nothing: it does not wait, or a cache answers',
        remedy:
          'Never cache requests with `live=`: `proxy_cache_bypass $arg_live; proxy_no_cache $arg_live;` in nginx, and no ' +
          '`proxy_cache_valid any`',
      }
    }
    if (status === 408 || status >= 502) return cut(`is answered ${status}`)
    return {
      check,
      verdict: 'warning',
      message: `a long-poll is answered ${status}`,
      remedy: 'Use a server with long-polls',
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (!controller.signal.aborted) return cut(`breaks off (${reasonOf(cause)})`)
    const message = `a request that waits for news is left alone for ${timeout / 1_000} s at least (--timeout waits for longer)`
    return { check, verdict: 'ok', message }
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}
