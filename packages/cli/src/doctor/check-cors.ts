import { reasonOf } from '../request.ts'
import { within } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'
import type { Answer } from './check-answer.ts'

const check = 'CORS'

/** What a page has to see of an answer. */
const exposed = ['stream-next-offset', 'stream-cursor', 'stream-up-to-date', 'stream-closed']
/** What it has to see of the answer to a write that was sent before, or of a server that was restored. */
const exposedToWriters = ['producer-epoch', 'producer-seq', 'producer-expected-seq']
/** What a page sends when it writes. */
const sent = ['content-type', 'producer-id', 'producer-epoch', 'producer-seq']

/** Checks that pages of `origin` may read and write the stream. */
export async function checkCors(patient: Patient, { response }: Answer): Promise<Diagnosis> {
  const { location, origin, signal } = patient
  if (new URL(location.url).origin === origin) {
    return { check, verdict: 'ok', message: `pages of ${origin} have the same origin as the stream` }
  }
  const allowed = response.headers.get('access-control-allow-origin')
  if (allowed !== '*' && allowed !== origin) {
    return fault(
      `pages of ${origin} may not read: Access-Control-Allow-Origin is ${allowed ?? 'missing'}`,
      `Access-Control-Allow-Origin: ${origin}`,
    )
  }
  const shown = response.headers.get('access-control-expose-headers')
  const all = `Access-Control-Expose-Headers: ${[...exposed, ...exposedToWriters].join(', ')}`
  const hidden = missing(exposed, shown)
  if (hidden.length > 0) {
    return fault(`pages do not see ${hidden.join(', ')}: Access-Control-Expose-Headers lacks them`, all)
  }
  let preflight: Response
  const names = [...sent, ...Object.keys(location.headers)]
  try {
    preflight = await fetch(location.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': names.join(', '),
      },
      signal: within(patient),
    })
    await preflight.body?.cancel()
  } catch (cause) {
    signal.throwIfAborted()
    return fault(`the preflight of a write is not answered: ${reasonOf(cause)}`, 'an answer to OPTIONS')
  }
  if (!preflight.ok)
    return fault(
      `the preflight of a write (OPTIONS) is answered ${preflight.status}`,
      'an answer of 204 to OPTIONS, without credentials',
    )
  const { headers } = preflight
  if (missing(['post'], headers.get('access-control-allow-methods')).length > 0) {
    return fault(
      'pages may not write: Access-Control-Allow-Methods lacks POST',
      'Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE',
    )
  }
  const refused = missing(names, headers.get('access-control-allow-headers'), ['authorization'])
  if (refused.length > 0) {
    return fault(
      `pages may not send ${refused.join(', ')}: Access-Control-Allow-Headers lacks them`,
      `Access-Control-Allow-Headers: ${names.join(', ')}`,
    )
  }
  const unseen = missing(exposedToWriters, shown)
  if (unseen.length > 0) {
    const message = `pages may read and write, and do not see ${unseen.join(', ')}: a write that a restored server refuses as a gap fails, instead of being sent again`
    return {
      check,
      verdict: 'warning',
      message,
      remedy: `Let the server, or the proxy in front of it, send ${all}`,
    }
  }
  return { check, verdict: 'ok', message: `pages of ${origin} may read and write` }
}

function fault(message: string, needed: string): Diagnosis {
  return {
    check,
    verdict: 'fault',
    message,
    remedy: `Let the server, or the proxy in front of it, send ${needed}`,
  }
}

/** Returns the names that a header does not list; `*` lists all but `unlisted`. */
function missing(
  names: readonly string[],
  header: string | null,
  unlisted: readonly string[] = [],
): string[] {
  const listed = new Set((header ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const all = listed.has('*')
  return names.filter(
    (name) => !listed.has(name.toLowerCase()) && (!all || unlisted.includes(name.toLowerCase())),
  )
}
