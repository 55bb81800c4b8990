import { followRedirects, StreamDBError } from '@streamdb/log'
import type { StreamLocation } from '../stream-client.ts'
import { resolveValues } from '../stream-client.ts'
import type { StreamName } from './stream-name.ts'

/**
 * Where the streams are: the URL that their names are put behind, alone or with the headers, parameters and fetch that reach
 * them; or a function that returns the URL of one stream.
 */
export type Upstream = string | StreamLocation | ((stream: string) => string | StreamLocation)

/** Returns where a stream is. Throws `invalid-options` where that is no URL. */
export function locate(upstream: Upstream, { name, path }: StreamName): StreamLocation {
  const given = typeof upstream === 'function' ? upstream(name) : upstream
  const location = typeof given === 'string' ? { url: given } : given
  const url = typeof upstream === 'function' ? location.url : withPath(location.url, path)
  if (!URL.canParse(url)) {
    throw new StreamDBError('invalid-options', `upstream: expected an absolute URL, received "${url}"`)
  }
  return { ...location, url }
}

/** `https://streams/rooms?key=1` and `a/b` -> `https://streams/rooms/a/b?key=1`. */
function withPath(base: string, path: string): string {
  if (!URL.canParse(base)) return base
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url.href
}

/** One request to the stream server. */
export interface UpstreamRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
  readonly signal: AbortSignal
}

/** Sends one request with the server's own credentials, once. Rejects as `fetch` does. */
export async function fetchUpstream(location: StreamLocation, request: UpstreamRequest): Promise<Response> {
  const { method, headers, params, body, signal } = request
  const url = new URL(location.url)
  const own = await resolveValues(location.params)
  for (const [name, value] of Object.entries({ ...params, ...own })) url.searchParams.set(name, value)
  const fetch = followRedirects({ fetch: location.fetch })
  return fetch(url, {
    method,
    // Compression is for whatever stands between this server and its clients.
    headers: { 'accept-encoding': 'identity', ...headers, ...(await resolveValues(location.headers)) },
    ...(body !== undefined && { body }),
    signal,
  })
}
