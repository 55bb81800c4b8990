import { checkCapabilities } from './check-capabilities.ts'
import { checkClock, checkContentType, checkStatus, readOnce } from './check-answer.ts'
import { checkCacheHeaders, probeCaches } from './check-caches.ts'
import { checkCors } from './check-cors.ts'
import { checkIdentity } from './check-identity.ts'
import { checkIdle } from './check-idle.ts'
import { checkHttpVersion } from './check-http-version.ts'
import { checkLifetime } from './check-lifetime.ts'
import { checkLive } from './check-live.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'
import { checkRedirects } from './follow.ts'

/** Checks a stream; gives each result as it is known. */
export async function* examine(patient: Patient): AsyncGenerator<Diagnosis, void> {
  const answer = await readOnce(patient)
  if ('check' in answer) {
    yield answer
    return
  }
  const redirects = checkRedirects(patient, answer)
  if (redirects !== undefined) yield redirects
  const status = checkStatus(answer)
  yield status
  yield checkClock(answer)
  if (status.verdict === 'fault') return
  const type = checkContentType(answer)
  yield type
  yield await checkCors(patient, answer)
  yield await checkHttpVersion(patient)
  // What is no stream has none of these.
  const offset = answer.response.headers.get('stream-next-offset')
  if (offset === null) return
  // It waits: the others go on meanwhile.
  const idle = checkIdle(patient, answer.url, offset)
  idle.catch(() => undefined)
  yield* checkCacheHeaders(answer)
  yield await checkLive(patient, offset)
  yield await idle
  yield await checkIdentity(patient, answer.url)
  if (patient.mayProbe) yield* await probeCaches(patient, answer.url)
  yield await checkLifetime(patient, answer)
  if (patient.mayProbe) yield await checkCapabilities(patient)
}
