// The write gateways of the sessions and of their directory: built into one file by the server, which is JavaScript, as
// StreamDB is TypeScript here.

import { readState } from '@streamdb/log'
import { createStreamHandler } from '@streamdb/server'
import type { StreamHandler } from '@streamdb/server'
import { directoryState } from '@streamdb/session'
import type { ListedSession } from '@streamdb/session'
import { createSessionState, presenceDefinitions, sessionPolicy } from '@streamdb/session/policy'
import type { SessionRole } from '@streamdb/session/policy'
import { isChangeEvent } from '@streamdb/state'
import { Owners } from './owners.ts'

/** Somebody who is signed in, or an agent's process. */
export interface User {
  readonly id: string
}

export interface SessionGatewayOptions {
  /** Where the streams are: `http://streams/stream/`. */
  readonly upstream: string
  /** Reaches the stream server. */
  readonly fetch: typeof globalThis.fetch
  /** Says whose token the value of a header `Authorization` is. */
  readonly verify: (authorization: string | null) => User | undefined
  /** The names of the agents: all others are people. */
  readonly agents: readonly string[]
  /** The largest body, and the rows of a stream together, in bytes. */
  readonly limits: { readonly bodyBytes: number; readonly streamBytes: number }
  readonly onError: (error: unknown) => void
}

export interface SessionGateways {
  readonly sessions: StreamHandler
  readonly directory: StreamHandler
  /** Says what somebody may do with the documents of a session: what they may do in the session. */
  readonly accessOf: (user: User, session: string) => Promise<'write' | 'read' | undefined>
}

/**
 * Returns what answers requests for sessions and for the directory: nobody writes in another's name. Who has made a session owns
 * it; everybody else who is signed in is a member, and each agent's process writes as that agent alone.
 */
export async function createSessionGateways(options: SessionGatewayOptions): Promise<SessionGateways> {
  const { upstream, fetch, verify, agents, limits, onError } = options
  const owners = new Owners()
  for await (const read of readState({ url: `${upstream}directory`, fetch, state: directoryState })) {
    if (read.type !== 'event' || !isChangeEvent(read.event) || read.event.type !== 'session') continue
    const { key, value } = read.event
    // Validated by the state of a directory.
    if (value !== undefined) owners.note(key, (value as ListedSession).by)
  }
  const authenticate = ({ headers }: Request): User | undefined => verify(headers.get('authorization'))
  const roleOf = (user: User, session: string): SessionRole | undefined =>
    agents.includes(user.id) ? 'agent' : owners.mayOwn(session, user.id) ? 'owner' : 'member'
  const sessions = sessionPolicy<User>({ role: ({ user, stream }) => roleOf(user, stream) })
  const directory = sessionPolicy<User>({
    // Whoever has listed a session names and archives it; there is no owner of the whole list.
    role: ({ user }) => (agents.includes(user.id) ? 'agent' : 'member'),
  })
  const common = { authenticate, limits, onError }
  return {
    async accessOf(user, session) {
      const role = roleOf(user, session)
      return role === undefined ? undefined : role === 'viewer' ? 'read' : 'write'
    },
    sessions: createStreamHandler({
      ...{ ...common, ...sessions, state: createSessionState(presenceDefinitions) },
      ...{ path: '/stream/sessions/', upstream: { url: `${upstream}sessions/`, fetch } },
      authorizeStream: async (asked) => {
        const decision = await sessions.authorizeStream(asked)
        const isNew = asked.operation === 'create' || asked.operation === 'fork'
        if (decision === true && isNew && !asked.stream.includes('/'))
          owners.note(asked.stream, asked.user.id)
        return decision
      },
    }),
    directory: createStreamHandler({
      ...{ ...common, ...directory, state: directoryState },
      ...{ path: '/stream/', upstream: { url: upstream, fetch } },
      authorize: async (asked) => {
        const decision = await directory.authorize(asked)
        const { event, row, user } = asked
        // From here on others know of it, and may open it before the one who made it does.
        if (decision === true && event.type === 'session' && row === undefined)
          owners.note(event.key, user.id)
        return decision
      },
    }),
  }
}
