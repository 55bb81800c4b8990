import { delay, openStream } from '@streamdb/log'
import { resolveAgentOptions } from '../agent-options.ts'
import type { AgentOptions } from '../agent-options.ts'
import { SessionError } from '../errors.ts'
import { openSession } from '../open-session.ts'
import type { SessionOptions } from '../session-options.ts'
import type { RequestOptions, Subscriptions, WakeLease } from './subscriptions.ts'
import { watchedPath } from './subscriptions.ts'
import { whenIdle } from './when-idle.ts'

/** An agent that sleeps, and how it opens the sessions that wake it. */
export interface SleepingAgent {
  /** As for `session.agent`; a schedule is no trigger, as nothing wakes the agent then. */
  readonly agent: AgentOptions
  /** Options of each session. */
  readonly session?: Omit<SessionOptions, 'url' | 'me'> | undefined
  /** How long a session stays open after the last answer, in milliseconds, for the next message. Default 1,000. */
  readonly linger?: number | undefined
}

/** Checks the options of a sleeping agent, before anything wakes it. Throws `invalid-options`. */
export function checkSleepingAgent(what: string, { agent }: SleepingAgent): void {
  resolveAgentOptions(agent)
  if (agent.triggers?.some((trigger) => typeof trigger === 'object') !== true) return
  throw new SessionError(
    'invalid-options',
    `${what}: the agent "${agent.name}" has a schedule among its triggers, and nothing wakes it then. Use session.agent`,
  )
}

/** What a woken session is served with. */
export interface WakeContext extends SleepingAgent {
  readonly subscriptions: Subscriptions
  /** Aborts when this process is to work no more: it hands over its runs. */
  readonly signal: AbortSignal
}

/**
 * Opens a session, lets the agent answer what there is, and closes it. Resolves with the offset until which all is answered,
 * or with nothing where that is left to another process; rejects where the session cannot be read.
 *
 * While it works it says so, under the lease: when it dies, another process is woken.
 */
export async function serveSession(
  url: string,
  lease: WakeLease | undefined,
  { agent, session: options, linger = 1_000, subscriptions, signal }: WakeContext,
): Promise<string | undefined> {
  const me = {
    id: agent.name,
    kind: 'agent' as const,
    ...(agent.title === undefined ? {} : { name: agent.title }),
  }
  if (!(await isThere(url, options?.streamOptions))) return undefined
  const session = openSession({ ...options, url, me, db: { onMissing: 'fail', ...options?.db } })
  // Where the lease is lost, as by a server that started anew, the work goes on: runs have leases of their own.
  const extend = (): void => void (lease && subscriptions.extend(lease).catch(() => undefined))
  const timer = lease && setInterval(extend, lease.ttl / 3)
  try {
    const worker = session.agent(agent)
    await worker.ready
    let offset = await whenIdle(session, worker, signal)
    // What comes while it lingers is answered at once.
    for (let seen: string | undefined; offset !== undefined && offset !== seen;) {
      seen = offset
      await delay(linger, signal)
      offset = await whenIdle(session, worker, signal)
    }
    await worker.stop()
    return offset
  } finally {
    clearInterval(timer)
    session.close()
  }
}

/** Asks whether there is such a session: one that was deleted is not made anew. */
async function isThere(url: string, options: RequestOptions = {}): Promise<boolean> {
  const { exists } = await openStream({ warnOnHttp: false, ...options, url }).stream.head()
  return exists
}

/** Serves a session that a lease was got for, and ends the lease. Where it fails, the lease runs out, and it is tried again. */
export async function serveWake(url: string, lease: WakeLease, context: WakeContext): Promise<void> {
  const offset = await serveSession(url, lease, context)
  const offsets = offset === undefined ? [] : [[watchedPath(url), offset] as const]
  await context.subscriptions.finish(lease, new Map(offsets))
}
