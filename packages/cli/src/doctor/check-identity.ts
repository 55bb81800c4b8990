import { createStreamIdentifier, openStream, pageIdOf } from '@streamdb/log'
import { within, withParams } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'

const check = 'identity'

/** Tells by what a stream that is made anew under its URL is known from this one. */
export async function checkIdentity(patient: Patient, url: string): Promise<Diagnosis> {
  const { location, origin, signal } = patient
  try {
    const response = await fetch(withParams(url, { offset: '-1' }), {
      headers: { ...location.headers, origin },
      signal: within(patient),
    })
    await response.body?.cancel()
    const { headers } = response
    const incarnation = headers.get('stream-incarnation')
    const pageId = pageIdOf(headers.get('etag') ?? undefined, headers.get('stream-next-offset') ?? undefined)
    const name = incarnation === null ? pageId && 'ETag' : 'Stream-Incarnation'
    if (name !== undefined) {
      const exposed = headers.get('access-control-expose-headers') ?? ''
      const isSeen =
        new URL(url).origin === origin || new RegExp(`\\*|(^|[ ,])${name}([ ,]|$)`, 'i').test(exposed)
      if (isSeen) return { check, verdict: 'ok', message: `the server names the stream (${name})` }
      return {
        check,
        verdict: 'warning',
        message: `the server names the stream, and pages of ${origin} do not see it: Access-Control-Expose-Headers lacks ${name}`,
        remedy: `Let the server, or the proxy in front of it, send Access-Control-Expose-Headers: ${name}, with the others`,
      }
    }
    const { stream, streamOptions } = openStream({ ...location, url, warnOnHttp: false })
    const id = await createStreamIdentifier(stream, streamOptions).findId(signal)
    const how =
      id === undefined ? 'by its events, which readers compare after a break' : 'by the ETag of HEAD'
    return { check, verdict: 'ok', message: `a stream that is made anew is told ${how}` }
  } catch (error) {
    signal.throwIfAborted()
    return { check, verdict: 'skipped', message: `the beginning of the log cannot be read: ${String(error)}` }
  }
}
