import type { StreamLocation } from '../stream-client.ts'
import { unreachable, writeHeaders } from './append-upstream.ts'
import { privateCacheControl, varyOf } from './cache-control.ts'
import { endableEvents } from './endable-events.ts'
import { linkSignal } from './linked-signal.ts'
import { Refusal } from './refusal.ts'
import { fetchUpstream } from './upstream.ts'
import { withEnd } from './with-end.ts'

/** What reading works with. */
export interface ReadOptions {
  readonly location: StreamLocation
  /** Everybody may read it: shared caches may keep it. */
  readonly isPublic: boolean
  /** How long the head of an answer may take, in milliseconds; a long-poll may take `longPoll` longer. */
  readonly timeout: number
  readonly longPoll: number
  /** Of CORS. */
  readonly headers: Readonly<Record<string, string>>
  /** Ends everything. */
  readonly signal: AbortSignal
  /** For reads with a user; public reads have no time limit. */
  readonly life?: ReadLife | undefined
}

/** How long a read lasts. */
export interface ReadLife {
  /** Aborts when the read has to end; its reason is the refusal that a waiting client receives. */
  readonly ended: AbortSignal
  /** Called when `ended` is no longer needed. */
  readonly onSettled: () => void
  /** Called when it is over. */
  readonly onOver: () => void
}

/** Query parameters and headers of a reader that reach the stream server: nothing else of its request does. */
const parameters = ['offset', 'live', 'cursor']
const requestHeaders = ['accept', 'if-none-match']
/** Headers of the stream server's answer that reach the reader, beside those of the protocol. */
const responseHeaders = ['content-type', 'content-length', 'etag', 'last-modified', 'expires', 'age', 'date']

/** Headers that prevent a browser from executing the content of a stream. */
const inert = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
}

/**
 * Passes a read on to the stream server, with the server's own credentials, and its answer back as it comes. Throws a refusal
 * for an answer that is no success.
 */
export async function proxyRead(request: Request, options: ReadOptions): Promise<Response> {
  const { location, timeout, longPoll, signal, life } = options
  const query = new URL(request.url).searchParams
  const live = query.get('live')
  const params: Record<string, string> = {}
  for (const name of parameters) {
    const [value, ...more] = query.getAll(name)
    if (more.length > 0) throw invalid(`Expected one parameter ${name}.`)
    if (value !== undefined) params[name] = value
  }
  // Until there is an answer: one that has begun is ended behind an event.
  const unanswered = new AbortController()
  const onEnded = (): void => unanswered.abort()
  life?.ended.addEventListener('abort', onEnded)
  const own = linkSignal(
    [request.signal, signal, unanswered.signal],
    timeout + (live === 'long-poll' ? longPoll : 0),
  )
  let response: Response
  try {
    response = await fetchUpstream(location, {
      ...{ method: request.method, params, headers: pick(request.headers, requestHeaders) },
      signal: own.signal,
    })
  } catch {
    own.release()
    if (life?.ended.reason instanceof Refusal) throw life.ended.reason
    throw unreachable()
  } finally {
    life?.ended.removeEventListener('abort', onEnded)
  }
  own.endTimeout()
  if (!response.ok && response.status !== 304) {
    own.release()
    void response.body?.cancel().catch(() => undefined)
    throw refusalOf(response)
  }
  const hasBody = request.method !== 'HEAD' && response.status !== 204 && response.status !== 304
  const body = hasBody ? response.body : null
  if (body === null) {
    own.release()
    if (response.body !== null) void response.body.cancel().catch(() => undefined)
  }
  const { status } = response
  const headers = answerHeaders(response.headers, options)
  if (body === null || life === undefined || !isEvents(response.headers)) {
    // A page, of what was there when it was allowed, is read to its end.
    life?.onSettled()
    if (body === null) life?.onOver()
    const onEnd = (): void => {
      own.release()
      life?.onOver()
    }
    return new Response(body && withEnd(body, onEnd), { status, headers })
  }
  const events = endableEvents(body, () => {
    own.release()
    life.ended.removeEventListener('abort', events.end)
    life.onOver()
  })
  life.ended.addEventListener('abort', events.end)
  if (life.ended.aborted) events.end()
  return new Response(events.body, { status, headers })
}

function isEvents(headers: Headers): boolean {
  return mediaTypeOf(headers) === 'text/event-stream'
}

function mediaTypeOf(headers: Headers): string | undefined {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
}

function answerHeaders(given: Headers, { isPublic, headers }: ReadOptions): Record<string, string> {
  const mediaType = mediaTypeOf(given)
  const isLive = isEvents(given)
  const isData =
    mediaType === undefined || isLive || /^application\/(json|x-ndjson|[a-z.-]+\+json)$/.test(mediaType)
  const cacheControl = given.get('cache-control')
  const kept = pick(given, [...responseHeaders, ...streamHeaders(given)])
  // It was decompressed on the way.
  if (given.has('content-encoding')) delete kept['content-length']
  return {
    ...{ ...kept, ...inert, ...headers },
    ...(!isData && { 'content-disposition': 'attachment' }),
    // Proxies that gather what they pass on would hold events back.
    ...(isLive && { 'x-accel-buffering': 'no' }),
    ...(isLive
      ? { 'cache-control': 'no-store, no-transform' }
      : isPublic
        ? cacheControl !== null && { 'cache-control': cacheControl }
        : { 'cache-control': privateCacheControl(cacheControl) }),
    vary: varyOf(headers['vary'], isPublic ? given.get('vary') : 'authorization, cookie', 'accept'),
  }
}

function streamHeaders(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => name.startsWith('stream-'))
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

function refusalOf({ status, headers }: Response): Refusal {
  const say = (code: string, message: string, as = status): Refusal =>
    new Refusal({
      status: as,
      code,
      message,
      headers: { ...writeHeaders(headers), ...pick(headers, streamHeaders(headers)) },
    })
  if (status === 404 || status === 410)
    return say('stream-not-found', 'There is no such stream, or not any more.')
  if (status === 400 || status === 416) return say('invalid-offset', 'The stream has no such offset.')
  if (status === 429) return say('rate-limited', 'The stream server asks to wait.')
  if (status >= 500 || status === 408 || status === 425)
    return say('upstream-failed', `The stream server answered ${status}.`)
  // The gateway's own credentials, say: its reader is not to look for others.
  return say('upstream-refused', `The stream server refused the gateway: ${status}.`, 502)
}

function invalid(message: string): Refusal {
  return new Refusal({ status: 400, code: 'invalid-offset', message })
}
