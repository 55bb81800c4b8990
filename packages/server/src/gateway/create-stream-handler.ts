import { StreamDBError } from '@streamdb/log'
import { versionOf } from '@streamdb/state'
import type { ControlEvent, StandardSchema, StateDefinition } from '@streamdb/state'
import type { Check } from './checks.ts'
import type { ServerAction } from '../actions/define-server-action.ts'
import { toRefusal } from './decision.ts'
import type { Rules } from './decide.ts'
import { checkExpectations } from './expectations.ts'
import { handleRequest } from './handle-request.ts'
import type { Gateway } from './handle-request.ts'
import { LiveReads } from './live-reads.ts'
import type { LiveReadFilter } from './live-reads.ts'
import { defaultLimits, defaultMemory, defaultReauthorizeAfter } from './options.ts'
import type { AuthorizeContext, StreamHandlerOptions } from './options.ts'
import type { EventRules } from './parse-events.ts'
import { PendingBytes } from './pending-bytes.ts'
import { createRateLimit } from './rate-limit.ts'
import { rowsView } from './rows-view.ts'
import { createStamp } from './stamp.ts'
import { StreamLog } from './stream-log.ts'
import { StreamWriter } from './stream-writer.ts'
import { Streams } from './streams.ts'
import { locate } from './upstream.ts'
import type { Principal } from './principal.ts'

/** Answers requests for streams. Never rejects. */
export interface StreamHandler {
  (request: Request): Promise<Response>
  /**
   * Authorizes live reads again, at once: those of a user, of a stream, or all. Those that are refused are ended behind an event:
   * their clients ask again, and are answered 401 or 403. To be called when a right was taken away; `authenticate` and
   * `authorizeRead` know of that by then. Resolves with how many reads were ended. Knows those of this handler, in this process.
   * Never rejects.
   */
  reauthorize(which?: LiveReadFilter): Promise<number>
  /** Ends what is under way, live reads too; later requests are answered 503. May be called again. */
  close(): void
}

/**
 * Returns a gateway to a stream server, as a function of `Request` and `Response`: for Node, Hono, Next, Bun and workers.
 *
 * Reads are passed on with the gateway's credentials. Writes are decoded, validated by the schemas of `state`, authorized by
 * `authorize` with the rows that the stream has at that point of its log, stamped with the principal and the time, and appended
 * once; or the whole request is refused, with `{ error: { code, message, path?, index?, txid? } }`. In a client of StreamDB the
 * write then fails with `write-failed`, and that object as `reason`.
 *
 * Throws `invalid-options` for a limit that is not a number, and for two actions with the same name.
 *
 * @example
 * ```ts
 * const handler = createStreamHandler({
 *   state,
 *   upstream: 'http://127.0.0.1:4437/rooms/',
 *   path: '/streams/',
 *   authenticate: (request) => ({ id: request.headers.get('x-user') ?? 'nobody' }),
 *   // Only the author of a message may change it.
 *   authorize: ({ type, event, row, rows, user }) =>
 *     type === 'message' && (row === undefined || rows.headers(type, event.key)?.['principal'] === user.id),
 * })
 * ```
 */
export function createStreamHandler<State extends StateDefinition, User extends Principal>(
  options: StreamHandlerOptions<State, User>,
): StreamHandler {
  const { state, upstream, path = '/', snapshots = true, migrate, coordinate = true, onError } = options
  const limits = { ...defaultLimits, ...options.limits }
  const memory = { ...defaultMemory, ...options.memory }
  checkNumbers({ ...limits, ...memory })
  const { reauthorizeAfter = defaultReauthorizeAfter } = options
  if (!(typeof reauthorizeAfter === 'number' && reauthorizeAfter > 0)) {
    throw new StreamDBError(
      'invalid-options',
      `reauthorizeAfter: expected milliseconds above 0, received ${String(reauthorizeAfter)}`,
    )
  }
  const closing = new AbortController()
  const { signal } = closing
  const report = (error: unknown): void => {
    try {
      onError?.(error)
    } catch {
      // Errors of the callback are ignored: there is no place to report them.
    }
  }
  const rules: Rules<User> = {
    // Users who may not write get no information on current rows.
    checks: [authorizeCheck(options), checkExpectations],
    checkControl: (event, user, stream) => checkControl(options, event, { user, stream }),
    stamp: createStamp(options.stamp),
    streamBytes: limits.streamBytes,
  }
  const eventRules: EventRules = {
    definitions: new Map(Object.values(state).map((each) => [each.type, each] as const)),
    ...{ version: versionOf(state) ?? 1, migrate, events: limits.events, depth: limits.depth },
  }
  const streams = new Streams<User>((name) => {
    const location = locate(upstream, name)
    const log = new StreamLog(location, { state, migrate, snapshots, timeout: limits.timeout })
    const { queued, timeout } = limits
    const writer = new StreamWriter({
      ...{ location, log, rules, eventRules, queued, timeout, coordinate, report, signal },
    })
    return { writer, log }
  }, memory)
  const liveReads = new LiveReads(limits.liveReads)
  const gateway: Gateway<State, User> = {
    ...{ liveReads, reauthorizeAfter, options, path: toPrefix(path), limits, streams, report, signal },
    requests: createRateLimit(limits.requestsPerMinute, 'requests'),
    events: createRateLimit(limits.eventsPerMinute, 'events'),
    pendingBytes: new PendingBytes({ all: limits.pendingBytes, each: limits.principalBytes }),
    eventRules,
    callRules: { actions: byName(options.actions ?? []), depth: limits.depth },
  }
  return Object.assign((request: Request) => handleRequest(request, gateway), {
    reauthorize: (which: LiveReadFilter = {}) => liveReads.check(which),
    close: () => closing.abort(new StreamDBError('closed', 'The handler was closed')),
  })
}

/** `/my streams` -> `/my%20streams/`, as URLs spell it. Throws `invalid-options` for what no path of a request begins with. */
function toPrefix(path: string): string {
  if (!path.startsWith('/') || path.startsWith('//')) {
    throw new StreamDBError(
      'invalid-options',
      `path: expected what the paths of requests begin with, such as "/streams/", received ${JSON.stringify(path)}`,
    )
  }
  const { pathname } = new URL(path, 'http://gateway')
  return pathname.endsWith('/') ? pathname : `${pathname}/`
}

function byName<User extends Principal>(
  actions: readonly ServerAction<StandardSchema, User>[],
): ReadonlyMap<string, ServerAction<StandardSchema, User>> {
  const named = new Map(actions.map((action) => [action.name, action] as const))
  if (named.size === actions.length) return named
  const names = actions.map(({ name }) => name).join(', ')
  throw new StreamDBError(
    'invalid-options',
    `actions: expected a name of its own for each, received ${names}`,
  )
}

/** Asks the application's rule. */
function authorizeCheck<State extends StateDefinition, User extends Principal>({
  authorize,
}: StreamHandlerOptions<State, User>): Check<User> {
  return async ({ change, user, stream, before, rows }) => {
    const { event } = change
    // The event was validated by the schema of its type, as the row was: they are of one of the types of the state.
    const context = {
      type: event.type,
      event: event.headers.operation === 'delete' ? event : { ...event, value: change.row },
      row: before?.value,
      ...{ user, stream, rows: rowsView<State>(rows) },
    } as unknown as AuthorizeContext<State, User>
    const what = `${event.headers.operation} the row ${JSON.stringify(event.key)} of the type ${JSON.stringify(event.type)}`
    return toRefusal(await authorize(context), { code: 'forbidden', message: `You may not ${what}.` })
  }
}

async function checkControl<State extends StateDefinition, User extends Principal>(
  { authorizeControl }: StreamHandlerOptions<State, User>,
  event: ControlEvent,
  asked: { readonly user: User; readonly stream: string },
): ReturnType<Rules<User>['checkControl']> {
  const verdict = authorizeControl === undefined ? false : await authorizeControl({ event, ...asked })
  const message = `You may not write the control event ${event.headers.control}.`
  return toRefusal(verdict, { code: 'control-event', message })
}

function checkNumbers(limits: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === 'number' && value >= 0) continue
    throw new StreamDBError(
      'invalid-options',
      `limits.${name}: expected a number from 0, received ${String(value)}`,
    )
  }
}
