import { actionContentType, conditionalContentType } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import { toCallBody } from '../actions/call-result.ts'
import { parseCall } from '../actions/parse-call.ts'
import type { CallRules } from '../actions/parse-call.ts'
import { writeHeaders } from './append-upstream.ts'
import { authenticated } from './authorize-reader.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import { toRefusal } from './decision.ts'
import type { LiveReads } from './live-reads.ts'
import { createStream, deleteStream } from './manage-stream.ts'
import type { StreamOperation } from './manage-stream.ts'
import type { StreamHandlerLimits, StreamHandlerOptions } from './options.ts'
import { parseEvents } from './parse-events.ts'
import type { EventRules } from './parse-events.ts'
import { parseProducer } from './producer.ts'
import { proxyRead } from './proxy-read.ts'
import type { ReadLife } from './proxy-read.ts'
import type { PendingBytes } from './pending-bytes.ts'
import type { RateLimit } from './rate-limit.ts'
import { readBody } from './read-body.ts'
import { readWhileAllowed } from './read-while-allowed.ts'
import { Refusal, toResponse } from './refusal.ts'
import { takeSharedRate } from './shared-rate.ts'
import type { RateContext } from './shared-rate.ts'
import { isSnapshot, parseStreamName } from './stream-name.ts'
import type { StreamName } from './stream-name.ts'
import type { Streams } from './streams.ts'
import { locate } from './upstream.ts'
import type { Principal } from './principal.ts'

/** What requests are answered with. */
export interface Gateway<State extends StateDefinition, User extends Principal> {
  readonly options: StreamHandlerOptions<State, User>
  /** With a slash at its end. */
  readonly path: string
  readonly limits: StreamHandlerLimits
  readonly streams: Streams<User>
  readonly liveReads: LiveReads
  /** After how many milliseconds a live read is authorized again. */
  readonly reauthorizeAfter: number
  readonly requests: RateLimit
  readonly events: RateLimit
  /** Of bodies that are read, or wait. */
  readonly pendingBytes: PendingBytes
  readonly eventRules: EventRules
  readonly callRules: CallRules<User>
  readonly report: (error: unknown) => void
  readonly signal: AbortSignal
}

/** A request of an authenticated user. */
interface Asked<User> {
  readonly request: Request
  readonly user: User
  readonly stream: StreamName
  /** Of CORS. */
  readonly headers: Readonly<Record<string, string>>
}

/** Answers a request. Never rejects. */
export async function handleRequest<State extends StateDefinition, User extends Principal>(
  request: Request,
  gateway: Gateway<State, User>,
): Promise<Response> {
  let headers: Readonly<Record<string, string>> = {}
  try {
    headers = corsHeaders(gateway.options.cors, request.headers.get('origin'))
    return await route(request, gateway, headers)
  } catch (error) {
    if (error instanceof Refusal) return toResponse(error, request, headers)
    gateway.report(error)
    const message = 'The server could not answer.'
    return toResponse(new Refusal({ status: 500, code: 'internal', message }), request, headers)
  }
}

async function route<State extends StateDefinition, User extends Principal>(
  request: Request,
  gateway: Gateway<State, User>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { options, path, signal, limits, streams } = gateway
  if (signal.aborted) {
    throw new Refusal({
      status: 503,
      code: 'closing',
      message: 'The server stops.',
      headers: { 'retry-after': '1' },
    })
  }
  const { method } = request
  const stream = parseStreamName(new URL(request.url).pathname, path)
  if (method === 'OPTIONS') {
    const allowed =
      options.cors && headers['access-control-allow-origin'] ? preflightHeaders(options.cors) : {}
    return new Response(null, { status: 204, headers: { ...headers, ...allowed } })
  }
  streams.letGo()
  const isRead = method === 'GET' || method === 'HEAD'
  const isPublic = isRead && options.publicReads === true
  const read = (life?: ReadLife): Promise<Response> =>
    proxyRead(request, {
      ...{ location: locate(options.upstream, stream), isPublic, headers, signal, life },
      ...{ timeout: limits.timeout, longPoll: limits.longPoll },
    })
  if (isPublic) return read()
  if (isRead) {
    const { liveReads, report, reauthorizeAfter: after } = gateway
    const { timeout } = limits
    return readWhileAllowed({ request, stream }, { options, liveReads, after, timeout, report }, read)
  }
  const user = await authenticated(request, options)
  const asked: Asked<User> = { request, user, stream, headers }
  if (isSnapshot(stream)) {
    throw new Refusal({
      status: 403,
      code: 'snapshot',
      message: 'Snapshots are written by the compactor alone.',
    })
  }
  switch (method) {
    case 'POST':
      return write(asked, gateway)
    case 'PUT':
      return create(asked, gateway)
    case 'DELETE':
      return remove(asked, gateway)
    default: {
      const allow = 'GET, HEAD, POST, PUT, DELETE, OPTIONS'
      throw new Refusal({ status: 405, code: 'method', message: `Expected ${allow}.`, headers: { allow } })
    }
  }
}

async function write<State extends StateDefinition, User extends Principal>(
  { request, user, stream, headers }: Asked<User>,
  gateway: Gateway<State, User>,
): Promise<Response> {
  const { limits, requests, events: eventLimit, eventRules, callRules, streams, pendingBytes } = gateway
  requests.take(user.id, 1)
  const producer = parseProducer(request.headers)
  const closes = request.headers.get('stream-closed')?.toLowerCase() === 'true'
  if (closes) await authorizeStream(gateway, { user, stream: stream.name, operation: 'close' })
  const announced = Number(request.headers.get('content-length') ?? limits.bodyBytes)
  const reserved = Math.min(Number.isFinite(announced) ? announced : limits.bodyBytes, limits.bodyBytes)
  const giveBack = pendingBytes.take(user.id, reserved)
  try {
    const body = await readBody(request, { bytes: limits.bodyBytes, timeout: limits.bodyTimeout })
    if (body.byteLength === 0 && !closes) {
      throw new Refusal({ status: 400, code: 'invalid-body', message: 'Expected a body.' })
    }
    const isCall = contentTypeOf(request.headers) === actionContentType
    if (body.byteLength > 0 && !isCall) assertJson(request.headers)
    const call = isCall ? await parseCall(body, callRules) : undefined
    const events = isCall || body.byteLength === 0 ? [] : parseEvents(body, producer, eventRules)
    const count = isCall ? 1 : events.length
    eventLimit.take(user.id, count)
    await takeRate({ user, stream: stream.name, events: count }, gateway)
    const { writer } = streams.use(stream)
    const { signal } = request
    const written = await writer.write({ user, stream: stream.name, events, call, producer, closes, signal })
    if (written.type === 'refused') {
      if (written.refusal.code === 'stream-not-found') streams.noteMissing(stream)
      throw await toldTo({ request, user, stream, headers }, gateway, written.refusal)
    }
    const answer = toCallBody(written.result)
    return new Response(answer, {
      status: producer === undefined && answer === null ? 204 : 200,
      headers: {
        ...writeHeaders(written.headers),
        ...(answer !== null && {
          'content-type': 'application/json',
          'x-content-type-options': 'nosniff',
        }),
        ...{ 'cache-control': 'no-store', ...headers },
      },
    })
  } finally {
    giveBack()
  }
}

/** Returns a refusal for this user: the current row, and that a stream is missing, only if the user may read the stream. */
async function toldTo<State extends StateDefinition, User extends Principal>(
  { request, user, stream }: Asked<User>,
  { options }: Gateway<State, User>,
  refusal: Refusal,
): Promise<Refusal> {
  const isMissing = refusal.code === 'stream-not-found'
  if ((refusal.current === undefined && !isMissing) || options.publicReads === true) return refusal
  const verdict = await options.authorizeRead?.({ user, stream: stream.log, request })
  const unreadable = toRefusal(verdict, { code: 'forbidden', message: 'You may not read this stream.' })
  if (unreadable === undefined) return refusal
  return isMissing ? unreadable : refusal.withoutCurrent()
}

async function create<State extends StateDefinition, User extends Principal>(
  { request, user, stream, headers }: Asked<User>,
  gateway: Gateway<State, User>,
): Promise<Response> {
  const { options, path, limits, requests, signal } = gateway
  requests.take(user.id, 1)
  const forked = request.headers.get('stream-forked-from')
  const source = forked === null ? undefined : parseStreamName(pathOf(forked), path)
  const operation = source === undefined ? 'create' : 'fork'
  await authorizeStream(gateway, { user, stream: stream.name, operation, source: source?.name })
  if (source !== undefined) {
    const verdict = await options.authorizeRead?.({ user, stream: source.log, request })
    const refusal = toRefusal(verdict, { code: 'forbidden', message: 'You may not read the source.' })
    if (refusal !== undefined) throw refusal
  }
  await takeRate({ user, stream: stream.name, events: 0 }, gateway)
  const body = await readBody(request, { bytes: 2, timeout: limits.bodyTimeout })
  // What a stream begins with would be in it without having been decided about.
  if (body.byteLength > 0 && new TextDecoder().decode(body) !== '[]') {
    throw new Refusal({
      status: 400,
      code: 'invalid-body',
      message: 'Expected no body: create the stream, then append.',
    })
  }
  if (request.headers.has('content-type')) assertJson(request.headers)
  const location = locate(options.upstream, stream)
  const forkedFrom = source && new URL(locate(options.upstream, source).url).pathname
  return createStream(request, {
    ...{ location, contentType: 'application/json', forkedFrom, timeout: limits.timeout, signal, headers },
  })
}

async function remove<State extends StateDefinition, User extends Principal>(
  { request, user, stream, headers }: Asked<User>,
  gateway: Gateway<State, User>,
): Promise<Response> {
  const { options, limits, requests, signal, streams } = gateway
  requests.take(user.id, 1)
  await authorizeStream(gateway, { user, stream: stream.name, operation: 'delete' })
  await takeRate({ user, stream: stream.name, events: 0 }, gateway)
  const location = locate(options.upstream, stream)
  try {
    return await deleteStream(request, {
      ...{ location, contentType: 'application/json', timeout: limits.timeout, signal, headers },
    })
  } finally {
    streams.forget(stream)
  }
}

async function takeRate<State extends StateDefinition, User extends Principal>(
  context: RateContext<User>,
  { options, limits, report }: Gateway<State, User>,
): Promise<void> {
  return takeSharedRate(context, { rateLimit: options.rateLimit, timeout: limits.timeout, report })
}

async function authorizeStream<State extends StateDefinition, User extends Principal>(
  { options }: Gateway<State, User>,
  asked: {
    readonly user: User
    readonly stream: string
    readonly operation: StreamOperation
    readonly source?: string | undefined
  },
): Promise<void> {
  const verdict = options.authorizeStream === undefined ? false : await options.authorizeStream(asked)
  const message = `You may not ${asked.operation} this stream.`
  const refusal = toRefusal(verdict, { code: 'forbidden', message })
  if (refusal !== undefined) throw refusal
}

function contentTypeOf(headers: Headers): string | undefined {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
}

function assertJson(headers: Headers): void {
  const type = headers.get('content-type') ?? 'nothing'
  const essence = contentTypeOf(headers)
  if (essence === 'application/json' || essence === conditionalContentType) return
  throw new Refusal({
    ...{
      status: 415,
      code: 'content-type',
      message: `Expected application/json, received ${type.slice(0, 60)}.`,
    },
  })
}

/** A source is named by its path, or by its URL. */
function pathOf(source: string): string {
  return URL.canParse(source, 'http://gateway') ? new URL(source, 'http://gateway').pathname : ''
}
