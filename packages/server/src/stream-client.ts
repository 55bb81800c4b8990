import {
  defaultTimes,
  delay,
  describeUrl,
  followRedirects,
  refusedRedirectOf,
  StreamDBError,
  withLinkedSignal,
} from '@streamdb/log'
import type { StreamDBErrorCode } from '@streamdb/log'

/** A header's or parameter's value, or what gives it for each request. */
type Values = Readonly<Record<string, string | (() => string | Promise<string>)>>

/** A stream, and what is needed to reach it. */
export interface StreamLocation {
  readonly url: string
  /** Functions are called for each request. */
  readonly headers?: Values | undefined
  readonly params?: Values | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** A stream that may be made. */
export interface Location extends StreamLocation {
  /** Headers that say how long it lives, where it is made. */
  readonly lifetime?: Readonly<Record<string, string>> | undefined
}

/** Returns where a stream beside another one is: reached as that, by the same query too, as it may be a credential. */
export function beside(location: Location, url: string): Location {
  const target = new URL(url)
  const { origin, searchParams } = new URL(location.url)
  if (target.origin !== origin)
    return { url, lifetime: location.lifetime, ...(location.fetch && { fetch: location.fetch }) }
  for (const [name, value] of searchParams) {
    if (!target.searchParams.has(name)) target.searchParams.set(name, value)
  }
  return { ...location, url: target.href }
}

/** One request. */
export interface StreamRequest {
  readonly method: 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** Statuses that are answers like a success. */
  readonly accept?: readonly number[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a server answered, without its body. */
export interface StreamAnswer {
  readonly status: number
  readonly headers: Headers
}

const mostAttempts = 5

/**
 * Sends a request, and sends it again where it may have failed for a while: every request here may be repeated. Throws a
 * `StreamDBError` for an answer that is no success, `unreachable` where there is none, and the signal's reason.
 */
export async function send(
  location: Location,
  { method, headers, body, accept = [], signal }: StreamRequest,
): Promise<StreamAnswer> {
  const lifetime = method === 'PUT' ? location.lifetime : undefined
  const what = `${method} ${describeUrl(location.url)}`
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    let failed: StreamDBError
    try {
      const url = new URL(location.url)
      for (const [name, value] of Object.entries(await resolveValues(location.params)))
        url.searchParams.set(name, value)
      const timeout = AbortSignal.timeout(defaultTimes.connectTimeout)
      const fetch = followRedirects({ fetch: location.fetch })
      const { response, text } = await withLinkedSignal([signal, timeout], async (linked) => {
        const response = await fetch(url, {
          ...{ method, headers: { ...(await resolveValues(location.headers)), ...lifetime, ...headers } },
          ...(body !== undefined && { body }),
          signal: linked,
        })
        return { response, text: method === 'HEAD' ? '' : await response.text() }
      })
      const { status } = response
      if (response.ok || accept.includes(status)) return { status, headers: response.headers }
      const code = codeOf(status)
      failed = new StreamDBError(code, `${what} was answered ${status}: ${text.slice(0, 300)}`, {
        ...{ status, body: text },
      })
      if (code !== 'unreachable') throw failed
    } catch (cause) {
      signal?.throwIfAborted()
      const refused = refusedRedirectOf(cause)
      if (refused ?? cause instanceof StreamDBError) throw refused ?? cause
      failed = new StreamDBError('unreachable', `${what} failed: ${String(cause)}`, { cause })
    }
    if (attempt >= mostAttempts) throw failed
    await delay(defaultTimes.initialDelay * 2 ** attempt, signal ?? new AbortController().signal)
  }
}

function codeOf(status: number): StreamDBErrorCode {
  if (status >= 500 || status === 408 || status === 425 || status === 429) return 'unreachable'
  if (status === 401 || status === 403) return 'unauthorized'
  return status === 404 || status === 410 ? 'stream-not-found' : 'write-failed'
}

/** Returns headers or parameters by their values of now. */
export async function resolveValues(values: Values | undefined): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const [name, value] of Object.entries(values ?? {})) {
    resolved[name] = typeof value === 'function' ? await value() : value
  }
  return resolved
}
