import { DurableStream, FetchError } from '@durable-streams/client'
import type { DurableStreamOptions } from '@durable-streams/client'
import { createHandleRequests } from './handle-requests.ts'
import { checkHeaders, resolveValues } from './credentials.ts'
import { describeUrl, resolveUrl } from './describe-url.ts'
import { StreamDBError } from './errors.ts'
import { followRedirects, refusedRedirectOf } from './follow-redirects.ts'
import { ConnectionError, HttpError, toHttpError } from './http-error.ts'
import { parsePageHead } from './page-head.ts'
import { readChunks } from './read-chunks.ts'
import { streamIdOf } from './stream-id.ts'
import type { AppendRequest, ReadRequest, ReadResponse, Requests } from './requests.ts'

type Fetch = typeof globalThis.fetch

/** Options that make the client send one request per attempt. */
const noBackoff = { initialDelay: 0, maxDelay: 0, multiplier: 1, maxRetries: 0 }

/**
 * Returns the requests on a stream.
 *
 * `options`: what `stream` was made of. Without it, `stream` is a handle of the application, which keeps its own fetch,
 * headers and retries for reading; appends then take its headers, and `fetch` and `params` from `appendOptions`.
 */
export function createRequests(
  stream: DurableStream,
  options: DurableStreamOptions | undefined,
  appendOptions: DurableStreamOptions | undefined = options,
): Requests {
  const url = resolveUrl(stream.url)
  const fetch = followRedirects({ fetch: (options ?? appendOptions)?.fetch })
  const shared: Shared = { stream, url, fetch, extra: extraOf(appendOptions ?? stream), appendOptions }
  const writing = {
    url: describeUrl(url),
    href: url,
    origin: new URL(url).origin,
    append: (request: AppendRequest) => append(shared, request),
  }
  if (options === undefined) return { ...writing, ...createHandleRequests(stream) }
  return {
    ...writing,
    read: (request) => read(shared, options, request),
    async findEnd(signal) {
      const response = await send(shared, options, { method: 'HEAD', signal })
      return parsePageHead(response.status, response.headers).offset
    },
    async findId(signal) {
      const { status, headers } = await send(shared, options, { method: 'HEAD', signal })
      const { offset, streamId } = parsePageHead(status, headers)
      return streamIdOf(headers.get('etag') ?? undefined, streamId, offset, url)
    },
    async create(signal) {
      // Relative URLs are resolved here, functions give its headers: the client does the rest well.
      await new DurableStream({
        ...options,
        url,
        signal,
        fetch,
        backoffOptions: noBackoff,
        warnOnHttp: false,
      }).create({ contentType: 'application/json' })
    },
    async askOnError(error) {
      const { onError } = options
      if (onError === undefined) return undefined
      // The client's documentation tells to test for its own error classes.
      const answer = await onError(error instanceof HttpError ? toFetchError(error, url) : toError(error))
      // `null` is no answer either, though the types know nothing of it.
      if (!(answer as unknown)) return 'stop'
      Object.assign(shared.extra.headers, answer?.headers)
      Object.assign(shared.extra.params, answer?.params)
      return 'retry'
    },
  }
}

/** What requests on a stream share. */
interface Shared {
  readonly stream: DurableStream
  readonly url: string
  readonly fetch: Fetch
  readonly extra: Extra
  readonly appendOptions: DurableStreamOptions | undefined
}

/** Headers and parameters that `onError` returned: they go with every request from then on. */
interface Extra {
  readonly headers: NonNullable<DurableStreamOptions['headers']>
  readonly params: NonNullable<DurableStreamOptions['params']>
}

const extras = new WeakMap<object, Extra>()

/** Reading and writing share what `onError` returned, as they share their options. */
function extraOf(options: object): Extra {
  let extra = extras.get(options)
  if (extra === undefined) extras.set(options, (extra = { headers: {}, params: {} }))
  return extra
}

async function read(
  shared: Shared,
  options: DurableStreamOptions,
  { offset, live, cursor, freshness = 'any', signal }: ReadRequest,
): Promise<ReadResponse> {
  const seen = freshness === 'unseen' ? `${Date.now()}` : cursor
  const params = { offset, live, cursor: seen }
  const cache = freshness === 'any' ? undefined : 'no-store'
  const response = await send(shared, options, { method: 'GET', signal, params, cache })
  const { headers, status, body } = response
  return {
    head: parsePageHead(status, headers),
    headers,
    stream: body ?? undefined,
    body: () => (body ? readChunks(body) : readText(response)),
    cancel: () => void body?.cancel().catch(() => undefined),
  }
}

/** React Native's responses have no stream of bytes, and are read whole. */
async function* readText(response: Response): AsyncGenerator<Uint8Array, void> {
  const text = await response.text().catch((cause: unknown) => {
    throw new ConnectionError(cause)
  })
  yield new TextEncoder().encode(text)
}

async function append(shared: Shared, { body, headers, signal, onSend }: AppendRequest): Promise<Response> {
  const { stream, url, fetch, extra, appendOptions } = shared
  const own = withHeaders(await stream.resolveHeaders(), {
    ...(await resolveValues(extra.headers)),
    ...headers,
  })
  checkHeaders(own)
  const target = new URL(url)
  const params = { ...(await resolveValues(appendOptions?.params)), ...(await resolveValues(extra.params)) }
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value)
  if (signal.aborted) throw signal.reason
  onSend()
  return fetch(target.href, { method: 'POST', headers: own, body, signal }).catch((cause: unknown) => {
    throw connectionError(cause, url)
  })
}

/** Sends a request; resolves with the head of a success, and throws an `HttpError` for all else. */
async function send(
  { url, fetch, extra }: Shared,
  options: DurableStreamOptions,
  request: {
    readonly method: string
    readonly signal: AbortSignal
    readonly params?: Readonly<Record<string, string | undefined>>
    readonly cache?: RequestCache | undefined
  },
): Promise<Response> {
  const { method, signal, cache } = request
  const headers = withHeaders(await resolveValues(options.headers), await resolveValues(extra.headers))
  checkHeaders(headers)
  const target = new URL(url)
  const params = {
    ...(await resolveValues(options.params)),
    ...(await resolveValues(extra.params)),
    ...request.params,
  }
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) target.searchParams.set(name, value)
  }
  // A header function may have taken a while.
  if (signal.aborted) throw signal.reason
  const init = { method, headers, signal, ...(cache && { cache }) }
  const response = await fetch(target.href, init).catch((cause: unknown) => {
    throw connectionError(cause, url)
  })
  if (!response.ok) throw await toHttpError(response)
  return response
}

/** Adds headers in place of those of the same name, however it is written: `fetch` would send both values. */
function withHeaders(
  headers: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = new Set(Object.keys(others).map((name) => name.toLowerCase()))
  const kept = Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...others }
}

/** In a page a request that CORS refuses fails without a reason. */
function connectionError(cause: unknown, url: string): Error {
  const typed = refusedRedirectOf(cause) ?? cause
  if (typed instanceof StreamDBError) return typed
  const error = new ConnectionError(cause)
  if (isCrossOrigin(url) && cause instanceof TypeError) {
    error.message += ' (the server is down, or does not allow this origin: check Access-Control-Allow-Origin)'
  }
  return error
}

/** Whether this is a page or a worker of another origin than the stream's, so that CORS decides what it sees. */
export function isCrossOrigin(url: string): boolean {
  const { location } = globalThis as { location?: { readonly origin: string } } // absent outside of browsers
  return location !== undefined && location.origin !== new URL(url).origin
}

function toFetchError(error: HttpError, url: string): FetchError {
  const { body, status, headers } = error
  const json = typeof body === 'object' && body !== null ? body : undefined
  const text = typeof body === 'string' ? body : undefined
  return new FetchError(status, text, json, Object.fromEntries(headers), url)
}

function toError(error: unknown): Error {
  if (error instanceof ConnectionError && error.cause instanceof Error) return error.cause
  return error instanceof Error ? error : new Error(String(error))
}

/** Returns the size of a response's decompressed body in bytes, if its head determines it. */
export function bodyLength(headers: Headers, url: string): number | undefined {
  const length = Number(headers.get('content-length'))
  // Another origin's server does not let a page see whether the body is compressed.
  return !isCrossOrigin(url) && !headers.has('content-encoding') && length > 0 ? length : undefined
}
