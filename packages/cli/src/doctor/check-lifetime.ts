import { delay, randomId } from '@streamdb/log'
import { request } from '../request.ts'
import type { Answer } from './check-answer.ts'
import { withParams } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'

const check = 'lifetime'

/** Checks when the stream may be deleted, and that reading it puts that off. */
export async function checkLifetime(patient: Patient, { response }: Answer): Promise<Diagnosis> {
  const { location, signal, mayProbe } = patient
  const head = await request(location, { method: 'HEAD', accept: [400, 404, 405, 501], signal }).catch(
    () => response,
  )
  signal.throwIfAborted()
  const expiresAt = head.headers.get('stream-expires-at')
  const ttl = head.headers.get('stream-ttl')
  if (expiresAt !== null) {
    return {
      check,
      verdict: 'warning',
      message: `the stream may be deleted at ${expiresAt}, whoever reads or writes it: nothing renews that`,
      remedy: 'If it is to live for as long as it is used, make it with --ttl, and `streamdb copy` into it',
    }
  }
  if (ttl === null && !mayProbe) return { check, verdict: 'ok', message: 'the stream does not expire' }
  if (!mayProbe) {
    return {
      check,
      verdict: 'warning',
      message: `the stream may be deleted when it was not used for ${ttl} s (Stream-TTL)`,
      remedy: 'Pass --probe to see, by a stream that is made beside it, whether reading renews that',
    }
  }
  return probe(patient)
}

/** How long the stream of a probe lives, in seconds, how often it is read within that, and for how many reads. */
const probeTtl = 2
const probePause = 500
const probeReads = 6

/** How often it is tried anew where this machine was too busy to tell. */
const probeAttempts = 4

/** Probes until the outcome says something. */
async function probe(patient: Patient): Promise<Diagnosis> {
  for (let attempt = 1; attempt <= probeAttempts; attempt++) {
    const outcome = await probeOnce(patient)
    if (outcome !== undefined) return outcome
  }
  return { check, verdict: 'skipped', message: 'this machine was too busy to see whether reading renews it' }
}

/** Makes a stream that lives for two seconds, and reads it for longer; nothing where a pause was too long to tell. */
async function probeOnce({ location, signal }: Patient): Promise<Diagnosis | undefined> {
  const beside = { ...location, url: new URL(`./streamdb-doctor-${randomId()}`, location.url).href }
  try {
    const headers = { 'content-type': 'application/json', 'Stream-TTL': String(probeTtl) }
    await request(beside, { method: 'PUT', headers, signal })
    let lastRead = Date.now()
    for (let read = 0; read < probeReads; read++) {
      await delay(probePause, signal)
      const response = await fetch(withParams(beside.url, { offset: '-1' }), {
        headers: location.headers,
        signal,
      })
      await response.body?.cancel()
      const isGone = response.status === 404 || response.status === 410
      if (isGone && Date.now() - lastRead > (probeTtl * 1_000) / 2) return undefined
      lastRead = Date.now()
      if (isGone) {
        return {
          check,
          verdict: 'fault',
          message: 'reading does not renew the time to live (Stream-TTL): streams vanish while they are used',
          remedy:
            'Use a server that renews it on reads and writes, as the protocol asks; or make streams without --ttl',
        }
      }
    }
    return { check, verdict: 'ok', message: 'reading renews the time to live' }
  } catch (error) {
    signal.throwIfAborted()
    return { check, verdict: 'skipped', message: `no stream can be made beside it: ${String(error)}` }
  } finally {
    await fetch(beside.url, { method: 'DELETE', headers: location.headers }).catch(() => undefined)
  }
}
