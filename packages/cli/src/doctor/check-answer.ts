import { describeUrl } from '@streamdb/log'
import { reasonOf } from '../request.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'
import { follow } from './follow.ts'
import type { Followed } from './follow.ts'

/** What the stream answered to a read. */
export interface Answer extends Followed {
  /** The middle of the request, by this machine's clock, in milliseconds since the epoch. */
  readonly readAt: number
}

/** Reads the stream once, as a page would; what is found decides whether the other checks have a sense. */
export async function readOnce(patient: Patient): Promise<Answer | Diagnosis> {
  const { location, signal } = patient
  const check = 'reachable'
  const startedAt = Date.now()
  try {
    const followed = await follow(patient)
    return 'check' in followed ? followed : { ...followed, readAt: (startedAt + Date.now()) / 2 }
  } catch (cause) {
    signal.throwIfAborted()
    const message = `${describeUrl(location.url)} does not answer: ${reasonOf(cause)}`
    return {
      check,
      verdict: 'fault',
      message,
      remedy: 'Check the address and the network; `streamdb dev` starts a server here',
    }
  }
}

/** Checks the status of an answer. */
export function checkStatus({ response }: Answer): Diagnosis {
  const check = 'reachable'
  const { status } = response
  if (response.ok) return { check, verdict: 'ok', message: `the stream answers ${status}` }
  if (status === 401 || status === 403) {
    const remedy = 'Pass what the server asks for: --header "Authorization: Bearer TOKEN", or STREAMDB_TOKEN'
    return { check, verdict: 'fault', message: `the server refuses the credentials: ${status}`, remedy }
  }
  if (status === 404 || status === 410) {
    return {
      check,
      verdict: 'fault',
      message: `there is no such stream: ${status}`,
      remedy: '`streamdb create URL` makes one',
    }
  }
  if (status >= 300 && status < 400) {
    const to = response.headers.get('location')
    const message =
      to === null
        ? `the address is answered ${status}, and not where that leads to: there is no Location header`
        : `the address leads elsewhere: ${status} to ${to}`
    const remedy = to === null ? 'See the log of the server or proxy' : 'Use the address that it leads to'
    return { check, verdict: 'fault', message, remedy }
  }
  const isPage = /^text\/html\b/i.test(response.headers.get('content-type') ?? '')
  const message = `the stream answers ${status}${isPage ? ' with a page of HTML, which is not of the stream server' : ''}`
  if (status >= 502 && status <= 504) {
    const remedy =
      'The proxy answers, and the stream server behind it does not: start it, or mend the address that the proxy passes on ' +
      'to (`proxy_pass` in nginx); 504 comes from one that takes longer than `proxy_read_timeout`'
    return { check, verdict: 'fault', message, remedy }
  }
  return { check, verdict: 'fault', message, remedy: 'See the log of the server or proxy' }
}

/** Checks that it is a stream of JSON that answers, and nothing in between. */
export function checkContentType({ response }: Answer): Diagnosis {
  const check = 'content type'
  const type = response.headers.get('content-type')
  if (response.headers.get('stream-next-offset') === null) {
    return {
      check,
      verdict: 'fault',
      message: `the answer has no Stream-Next-Offset header (content type ${type ?? 'none'}): this is no stream, or a proxy strips it`,
      remedy:
        'Check the address: a page or another service may answer there; let the proxy pass the headers on (in nginx no ' +
        '`proxy_hide_header` of Stream-*, and `proxy_intercept_errors off`)',
    }
  }
  const isLines = /^application\/(x-)?ndjson\b/i.test(type ?? '')
  if (type !== null && (isLines || /^application\/json\b/i.test(type))) {
    const message = isLines ? 'a stream of JSON, in lines' : 'a stream of JSON'
    if (response.headers.get('stream-up-to-date') !== null) return { check, verdict: 'ok', message }
    return {
      check,
      verdict: 'warning',
      message:
        'the answer at the end of the log has no Stream-Up-To-Date header: readers ask again and again',
      remedy:
        'Let the proxy pass it on (in nginx no `proxy_hide_header` of it); a node that lags behind the others answers so too',
    }
  }
  return {
    check,
    verdict: 'fault',
    message: `the content type is ${type ?? 'missing'}: expected application/json`,
    remedy:
      'A stream keeps the type that it was made with: make another one with `streamdb create`, and `streamdb copy` into it',
  }
}

/** How far clocks may differ, in milliseconds. */
const mostSkew = 30_000

/** Checks the clock of the server against that of this machine. */
export function checkClock({ response, readAt }: Answer): Diagnosis {
  const check = 'clock'
  const date = Date.parse(response.headers.get('date') ?? '')
  if (Number.isNaN(date))
    return { check, verdict: 'skipped', message: 'the server does not say what time it is' }
  // The header has whole seconds.
  const skew = date + 500 - readAt
  const seconds = Math.round(Math.abs(skew) / 1_000)
  if (Math.abs(skew) <= mostSkew)
    return { check, verdict: 'ok', message: 'the clocks agree within half a minute' }
  return {
    check,
    verdict: 'fault',
    message: `the clocks differ by ${seconds} s: the server is ${skew > 0 ? 'ahead' : 'behind'}`,
    remedy:
      'Let both set their clocks by NTP: timestamps of rows, expiry times and tokens are wrong until then',
  }
}
