import { asAsyncIterableReadableStream, DurableStream, stream as readStream } from '@durable-streams/client'
import type { DurableStreamOptions, StreamResponse } from '@durable-streams/client'
import { StreamDBError } from './errors.ts'
import { mergeEvents } from './sse-coalescer.ts'

/** One read request. */
export interface ReadRequest {
  readonly offset: string
  /** Absent: a page of what is there now. */
  readonly live?: 'sse' | 'long-poll' | undefined
  /** What the last long-poll answered, for caches on the way to collapse requests by. */
  readonly cursor?: string | undefined
  readonly signal: AbortSignal
}

/** A response whose head is there. */
export interface Opened {
  readonly response: StreamResponse
  /** Returns the bytes of its body. Not for SSE, which the client parses. */
  readonly body: () => AsyncIterable<Uint8Array>
}

/** Sends one read request; resolves when the response's head is there. */
export type Open = (request: ReadRequest) => Promise<Opened>

/** An answer that is no success. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** In milliseconds, where the server asked for a pause. */
  readonly retryAfter: number | undefined

  constructor(response: Response) {
    super(`the server answered ${response.status} ${response.statusText}`.trimEnd())
    this.status = response.status
    this.retryAfter = parseRetryAfter(response.headers.get('retry-after'))
  }
}

// As it is when a request is sent: an application may put its own in its place.
const globalFetch: typeof globalThis.fetch = (...args) => globalThis.fetch(...args)

// One request an attempt: pausing and trying again is the reader's own work.
const noBackoff = { initialDelay: 0, maxDelay: 0, multiplier: 1, maxRetries: 0 }

/**
 * Returns what opens requests on a stream.
 *
 * Every request is a session of one response, live ones too: the client makes out their heads, and SSE, and the reader
 * decides what follows a response, an end or an error. A `stream` handle keeps its own fetch and its own retries.
 */
export function createOpen(options: DurableStreamOptions | undefined, stream: DurableStream): Open {
  if (options === undefined) {
    return async (request) => {
      const response = await stream.stream({ ...sessionOf(request) })
      if (request.signal.aborted) response.cancel()
      return { response, body: () => response.bodyStream() }
    }
  }
  const { url, headers, params, warnOnHttp, onError } = options
  return async (request) => {
    const session = sessionOf(request)
    let body: ReadableStream<Uint8Array> | undefined
    // The client would pipe a body through two streams more, which takes Node 20 a ms a page (bench, hot-keys).
    const send = prepared(options.fetch ?? globalFetch, request, (raw) => (body = raw))
    const response = await readStream({
      url,
      fetch: send,
      backoffOptions: noBackoff,
      ...(headers && { headers }),
      ...(onError && { onError }),
      ...(warnOnHttp !== undefined && { warnOnHttp }),
      ...session,
      params: { ...params, ...session.params },
    })
    // With a page it has nothing more to do, and would listen to the document's visibility for ever. Where it waited for a
    // header, it may not have heard of an abort.
    if (request.live !== 'sse' || request.signal.aborted) response.cancel()
    return { response, body: () => asAsyncIterableReadableStream(body ?? new Blob().stream()) }
  }
}

function sessionOf({ offset, live, cursor, signal }: ReadRequest) {
  return { offset, live: false, json: true, signal, params: { live, cursor } } as const
}

/** Wraps a fetch so that its answers are as the client makes the best of them: of a page it is given the head alone. */
function prepared(
  fetch: typeof globalThis.fetch,
  { live, offset, signal }: ReadRequest,
  onBody: (body: ReadableStream<Uint8Array>) => void,
): typeof globalThis.fetch {
  return async (input, init) => {
    const isPage = live !== 'sse'
    // The client ends a live connection by its own signal; a page goes on without the client.
    const response = await fetch(input, isPage ? { ...init, signal } : init)
    const { body, headers, ok, status } = response
    if (!ok) {
      // The client reads an error's body before it says the status, and loses the status where the body is not what it
      // claims to be (FAULTS F-net-6).
      await body?.cancel()
      throw new HttpError(response)
    }
    if (body === null) return response
    if (isPage) {
      onBody(body)
      return new Response(null, { headers, status })
    }
    const isEvents = headers.get('content-type')?.includes('text/event-stream')
    return isEvents ? new Response(mergeEvents(body, offset), { headers, status }) : response
  }
}

/** Returns how many bytes a response's body has when it is decompressed, where its head says so for sure. */
export function bodyLength(headers: Headers, url: string): number | undefined {
  const { location } = globalThis as { location?: { readonly origin: string } } // absent outside of browsers
  // Another origin's server does not let a page see whether the body is compressed.
  const hidden = location !== undefined && location.origin !== new URL(url).origin
  const length = Number(headers.get('content-length'))
  return !hidden && !headers.has('content-encoding') && length > 0 ? length : undefined
}

/** Returns what creates the stream: one request, which may fail. */
export function createCreate(
  options: DurableStreamOptions | undefined,
  stream: DurableStream,
): (signal: AbortSignal) => Promise<unknown> {
  const contentType = 'application/json'
  if (options === undefined) return () => stream.create({ contentType })
  return (signal) =>
    new DurableStream({ ...options, signal, backoffOptions: noBackoff, warnOnHttp: false }).create({
      contentType,
    })
}

/**
 * Returns the fetch of requests that the client sends without the URL's own parameters: it adds them.
 */
export function writeFetch(options: DurableStreamOptions | undefined): typeof globalThis.fetch {
  const fetch = options?.fetch ?? globalFetch
  const params = options?.params
  if (params === undefined) return fetch
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    for (const [name, param] of Object.entries(params)) {
      const value = typeof param === 'function' ? await param() : param
      if (value !== undefined) url.searchParams.set(name, value)
    }
    return fetch(url.href, init)
  }
}

/** Says what a failed read means, and whether it may pass by itself. */
export function classify(
  error: unknown,
  where: string,
): { error: StreamDBError; retryAfter?: number | undefined } {
  if (error instanceof StreamDBError) return { error }
  const status = statusOf(error)
  const code = status === undefined || isPassing(status) ? 'unreachable' : (codeOf(status) ?? 'stream-failed')
  const why = error instanceof Error ? error.message : String(error)
  const wrapped = new StreamDBError(code, `Reading ${where} failed: ${why}`, { cause: error })
  return { error: wrapped, retryAfter: error instanceof HttpError ? error.retryAfter : undefined }
}

/** Whether an HTTP status says that another attempt may fare better. */
export function isPassing(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status)
}

/** Returns what an HTTP status says, to readers and writers alike; nothing where they make different things of it. */
export function codeOf(status: number): 'unauthorized' | 'stream-not-found' | undefined {
  if (status === 401 || status === 403) return 'unauthorized'
  return status === 404 || status === 410 ? 'stream-not-found' : undefined
}

/** Returns the HTTP status that an error of ours or of the client carries. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  return typeof error.status === 'number' ? error.status : undefined
}

function parseRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const seconds = Number(text)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, 3_600_000) : undefined
}
