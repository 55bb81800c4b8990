import { describeUrl, StreamDBError } from '@streamdb/log'
import type { StreamDBErrorCode } from '@streamdb/log'
import type { Location } from './options.ts'

/** One request that is answered without reading events. */
export interface StreamRequest {
  readonly method: 'HEAD' | 'PUT' | 'GET' | 'OPTIONS'
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Statuses that are answers like a success. */
  readonly accept?: readonly number[] | undefined
  readonly signal: AbortSignal
}

const timeout = 15_000

/**
 * Sends one request, and gives its answer. Throws a `StreamDBError` for an answer that is no success, `unreachable` where
 * there is none, and the signal's reason.
 */
export async function request(location: Location, options: StreamRequest): Promise<Response> {
  const { method, headers, accept = [], signal } = options
  const what = `${method} ${describeUrl(location.url)}`
  let response: Response
  try {
    response = await fetch(location.url, {
      method,
      headers: { ...location.headers, ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    })
  } catch (cause) {
    signal.throwIfAborted()
    throw new StreamDBError('unreachable', `${what} failed: ${reasonOf(cause)}`, { cause })
  }
  if (response.ok || accept.includes(response.status)) return response
  const { status } = response
  const words = method === 'HEAD' ? '' : (await response.text()).slice(0, 300)
  const message = `${what} was answered ${status}${words === '' ? '' : `: ${words}`}`
  throw new StreamDBError(codeOf(status), message, { status })
}

/** Returns what fetch says in the end: its own words are `fetch failed`. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause
  if (!(inner instanceof Error)) return cause.message
  const { code } = inner as NodeJS.ErrnoException
  return inner.message !== '' ? inner.message : (code ?? cause.message)
}

function codeOf(status: number): StreamDBErrorCode {
  if (status >= 500 || status === 408 || status === 425 || status === 429) return 'unreachable'
  if (status === 401 || status === 403) return 'unauthorized'
  return status === 404 || status === 410 ? 'stream-not-found' : 'write-failed'
}

/** Returns the offset behind the last event of a stream. */
export async function endOf(location: Location, signal: AbortSignal): Promise<string> {
  const { headers } = await request(location, { method: 'HEAD', signal })
  const offset = headers.get('stream-next-offset')
  if (offset !== null) return offset
  throw new StreamDBError(
    'stream-failed',
    `HEAD ${describeUrl(location.url)} was answered without a Stream-Next-Offset header: this is no stream`,
  )
}
