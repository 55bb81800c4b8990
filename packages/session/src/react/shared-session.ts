import { acquire, exemptCreated, LatestOptions } from '@streamdb/db'
import type { StateDefinition } from '@streamdb/db'
import { resolveUrl } from '@streamdb/log'
import { prepareSession } from '../open-session.ts'
import type { PreparedSession } from '../open-session.ts'
import type { Session } from '../session.ts'
import { checkSessionOptions } from '../session-options.ts'
import type { SessionOptions } from '../session-options.ts'
import { sessionState } from '../session-state.ts'

/** A session that components share. */
export interface SharedSession<Own extends StateDefinition, Doc> {
  readonly session: Session<Own, Doc>
  /** Makes the session call the functions of these options from now on. */
  follow(options: SessionOptions<Own, Doc>): void
  /** Keeps the session open, reading and present; returns what releases it. */
  retain(): () => void
}

interface Opened<Own extends StateDefinition, Doc> extends PreparedSession<Own, Doc> {
  readonly latest: LatestOptions<SessionOptions<Own, Doc>>
}

/** By database: that is what `acquire` shares, so that live queries which suspend keep the session open. */
const opened = new WeakMap<object, unknown>()

/**
 * Returns what components share for these options, or prepares it: one session for each URL, state, participant, device and
 * `deps`. A render may call this. Nobody hears of this device before it is retained.
 */
export function acquireSession<Own extends StateDefinition, Doc>(
  options: SessionOptions<Own, Doc>,
  deps: readonly unknown[],
): SharedSession<Own, Doc> {
  checkSessionOptions(options)
  // On a server nothing is mounted, and requests share nothing.
  if (typeof window === 'undefined') {
    const { session } = prepareSession({ ...options, db: { ...options.db, startOnRead: false } })
    return { session, follow: () => undefined, retain: () => () => undefined }
  }
  const { url, me, device, state = sessionState } = options
  const shared = acquire([state, resolveUrl(url), 'session', me.id, device, ...deps], () => {
    const latest = new LatestOptions(options)
    const prepared = prepareSession(latest.options)
    exemptCreated(prepared.session.db)
    opened.set(prepared.session.db, { ...prepared, latest })
    return prepared.session.db
  })
  // The key has the state, which decides the type.
  const { session, join, latest } = opened.get(shared.db) as Opened<Own, Doc>
  return {
    session,
    follow: (given) => latest.follow(given),
    retain() {
      const release = shared.retain()
      join()
      return release
    },
  }
}
