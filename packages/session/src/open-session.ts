import { createStreamDB } from '@streamdb/db'
import type { StateDefinition } from '@streamdb/db'
import { followRedirects, randomId, resolveUrl } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { Attachments } from './attachments.ts'
import { LogOrder } from './log-order.ts'
import { onPageChange } from './page-events.ts'
import { PartTexts } from './part-texts.ts'
import { Presence } from './presence.ts'
import { PresenceStream } from './presence-stream.ts'
import { watchRuns } from './run-watch.ts'
import type { Participant } from './rows.ts'
import { ServerClock } from './server-clock.ts'
import { Session } from './session.ts'
import type { SessionDB } from './session-db.ts'
import type { SessionParts } from './session-parts.ts'
import { checkSessionOptions } from './session-options.ts'
import type { SessionOptions } from './session-options.ts'
import { newestTypes } from './session-snapshots.ts'
import { sessionState } from './session-state.ts'
import type { SessionState } from './session-state.ts'
import { below } from './stream-url.ts'
import { Thread } from './thread.ts'

/**
 * Opens a session on this device, and starts to read it. Throws `invalid-options`.
 *
 * The stream is created where there is none, unless `db.onMissing` says otherwise.
 *
 * @example
 * ```ts
 * const session = openSession({ url, me: { id: 'ada' } })
 * await session.send('Hello')
 * session.close()
 * ```
 */
export function openSession<Own extends StateDefinition = Record<never, never>, Doc = unknown>(
  options: SessionOptions<Own, Doc>,
): Session<Own, Doc> {
  const { session, join } = prepareSession(options)
  // Its failure is a status, and everybody who preloads is told of it.
  session.preload().catch(() => undefined)
  join()
  return session
}

/** A session that nobody has heard of yet. */
export interface PreparedSession<Own extends StateDefinition = Record<never, never>, Doc = unknown> {
  readonly session: Session<Own, Doc>
  /** Says that this device is there, and watches over runs; once, whoever calls it again. */
  readonly join: () => void
}

/**
 * Makes a session that sends nothing by itself: a render may, that is perhaps thrown away, or on a server. It reads from
 * `preload`, or its first reader, on. Throws `invalid-options`.
 */
export function prepareSession<Own extends StateDefinition = Record<never, never>, Doc = unknown>(
  options: SessionOptions<Own, Doc>,
): PreparedSession<Own, Doc> {
  checkSessionOptions(options)
  // Without `state` there is nothing of the application's own.
  const { state = sessionState as unknown as SessionState<Own>, redact, device = randomId() } = options
  const me: Participant = { ...options.me, kind: options.me.kind ?? 'person' }
  const { redirects } = options.db ?? {}
  const streamOptions = {
    warnOnHttp: false,
    ...options.streamOptions,
    // Presence and attachments have no database that follows them.
    fetch: followRedirects({ ...redirects, fetch: options.streamOptions?.fetch }),
    url: resolveUrl(options.url),
  }
  const { last } = options.load ?? {}
  const load = last === undefined ? {} : { load: { last, of: newestTypes, rest: 'on-request' as const } }
  const given = { onMissing: 'create' as const, ...load, ...options.db, streamOptions, state }
  const db = createStreamDB<SessionState<Own>>(given)
  // Whatever collections are beside them, those of a session are what they are.
  const sessionDB = db as unknown as SessionDB
  const closing = new AbortController()
  const { signal } = closing
  const hydrated = options.db?.hydrate?.items ?? []
  const order = new LogOrder(sessionDB, hydrated)
  const texts = new PartTexts(sessionDB)
  if (hydrated.length > 0) texts.apply({ rows: rowsOf(hydrated), replaces: false })
  const thread = new Thread(sessionDB, order)
  const clock = new ServerClock()
  const leases = createPresence(options, streamOptions, { me, device, signal, clock })
  const presence = options.presence === false ? undefined : leases
  const parts: SessionParts = {
    db: sessionDB,
    order,
    texts,
    thread,
    presence,
    leases,
    attachments: new Attachments({ db: sessionDB, me, redact, streamOptions, closing }),
    me,
    device,
    redact,
    streamOptions,
    closing,
    clock,
  }
  const session = new Session<Own, Doc>(db, parts, options.documents)
  // Whoever closes the database closes the session.
  db.subscribeStatus(({ name }) => void (name === 'closed' && session.close()))
  let isJoined = false
  const join = (): void => {
    if (isJoined || signal.aborted) return
    isJoined = true
    if (presence !== undefined) startPresence(presence, signal)
    watchRuns({ db: sessionDB, texts, leases, streamOptions, signal })
  }
  return { session, join }
}

/** Returns events that insert rows, by type and key. */
function rowsOf(events: readonly ChangeEvent[]): ReadonlyMap<string, ReadonlyMap<string, unknown>> {
  const rows = new Map<string, Map<string, unknown>>()
  for (const { type, key, value } of events) {
    const ofType = rows.get(type) ?? new Map<string, unknown>()
    rows.set(type, ofType.set(key, value))
  }
  return rows
}

function createPresence(
  { presence: given = {} }: Pick<SessionOptions, 'presence'>,
  streamOptions: { readonly url: string },
  {
    clock,
    ...context
  }: {
    readonly me: Participant
    readonly device: string
    readonly signal: AbortSignal
    readonly clock: ServerClock
  },
): Presence {
  const isHidden = given === false
  const { url, ttl = 75_000, leaseTtl = 6_000, lifetime = 600 } = isHidden ? {} : given
  const presenceUrl = resolveUrl(url ?? below(streamOptions.url, 'presence'))
  const stream = new PresenceStream(
    { ...streamOptions, url: presenceUrl },
    // Elsewhere may be another server, with a clock of its own.
    { lifetime, clock: url === undefined ? clock : new ServerClock(), signal: context.signal },
  )
  return new Presence(stream, { ...context, ttl, leaseTtl, isHidden })
}

function startPresence(presence: Presence, signal: AbortSignal): void {
  void presence.start()
  const stop = onPageChange(
    () => void presence.leave(),
    () => presence.announce(),
  )
  signal.addEventListener('abort', stop)
}
