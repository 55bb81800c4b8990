import { isSameValue } from '@streamdb/state'
import type { Approval, Decision } from '../rows.ts'
import { isWriter } from './actor.ts'
import type { Actor } from './actor.ts'
import type { SessionDecision, SessionRole, WriteContext } from './decision.ts'
import { decisionRule } from './decision-rule.ts'
import type { ApprovalContext } from './decision-rule.ts'
import { deltaRule, messageRule, partRule } from './message-rules.ts'
import {
  attachmentRule,
  branchRule,
  documentRule,
  listedSessionRule,
  participantRule,
  presenceRule,
  queueItemRule,
  readMarkRule,
} from './people-rules.ts'
import { quote, refuse, toRowWrite } from './row-write.ts'
import type { Rule } from './row-write.ts'
import { agentRule, approvalRule, runRule, stepRule } from './run-rules.ts'
import { placeOfStream } from './stream-place.ts'
import type { StreamPlace } from './stream-place.ts'

type Awaitable<Value> = Value | Promise<Value>

/** Who asks, and of which stream. */
export interface AccessContext<User> {
  readonly user: User
  /** The stream's name, as the gateway has it. */
  readonly stream: string
}

/** What is to be done with a stream. */
export interface StreamContext<User> extends AccessContext<User> {
  readonly operation: 'create' | 'close' | 'delete' | 'fork'
}

/** A write of an application's own row, by somebody who takes part. */
export interface OwnRowContext<User> extends WriteContext<User> {
  readonly role: SessionRole
}

/** Options of `sessionPolicy`. */
export interface SessionPolicyOptions<User extends { readonly id: string }> {
  /**
   * Returns what a user may do in a session, by the name of the session's own stream; nothing where it takes no part. The
   * `id` of a user is the participant that it is (`me.id`), that of an agent's process the agent's name.
   */
  readonly role: (context: AccessContext<User>) => Awaitable<SessionRole | undefined>
  /** Returns the names of the agents that a user runs. Default: the user's id for the role `agent`, none for the others. */
  readonly agents?:
    | ((context: AccessContext<User> & { readonly role: SessionRole }) => Awaitable<readonly string[]>)
    | undefined
  /** Whether a user may decide about an approval. Default: owners and members. */
  readonly decide?: ((context: ApprovalContext<User>) => boolean) | undefined
  /**
   * Decides about rows of the application's own collections; viewers are not asked for. What it returns is what the
   * gateway's `authorize` returns. Default: nobody writes them.
   */
  readonly others?: ((context: OwnRowContext<User>) => unknown) | undefined
  /** Returns the session that a stream belongs to. Default: by its name, `name/presence` and `name/files/id`. */
  readonly place?: ((stream: string) => StreamPlace) | undefined
}

/** What decides about a session's streams, in the shape that `createStreamHandler` of `@streamdb/server` takes. */
export interface SessionPolicy<User extends { readonly id: string }> {
  /** Decides about one event. Resolves with `true`, with a refusal, or with what the option `others` returned. */
  readonly authorize: (context: WriteContext<User>) => Promise<SessionDecision>
  /** Whoever takes part may read. */
  readonly authorizeRead: (context: AccessContext<User>) => Promise<SessionDecision>
  /** All but viewers may create streams and upload files; an owner may fork, close and delete. */
  readonly authorizeStream: (context: StreamContext<User>) => Promise<SessionDecision>
}

const presenceTypes: readonly string[] = ['presence', 'lease']

/**
 * Returns who may write which rows of a session: nobody writes in another's name.
 *
 * `owner`: all that a member may; deletes and redacts what others wrote, and forks. `member`: writes and decides in its own
 * name. `agent`: its own runs, with their messages, parts, steps and questions. `viewer`: says that it is there, and nothing else.
 *
 * @example
 * ```ts
 * const roles = new Map<string, 'owner' | 'member'>([['rooms/1:ada', 'owner']])
 * const policy = sessionPolicy({ role: ({ user, stream }) => roles.get(`${stream}:${user.id}`) })
 * // createStreamHandler({ ...policy, state: createSessionState(presenceDefinitions), upstream, authenticate })
 * ```
 */
export function sessionPolicy<User extends { readonly id: string }>(
  options: SessionPolicyOptions<User>,
): SessionPolicy<User> {
  const {
    place = placeOfStream,
    others,
    decide = ({ role }) => role === 'owner' || role === 'member',
  } = options
  const agentsOf = options.agents ?? (({ user, role }) => (role === 'agent' ? [user.id] : []))

  async function actorOf({ user, stream }: AccessContext<User>): Promise<Actor | undefined> {
    const { session } = place(stream)
    const role = await options.role({ user, stream: session })
    if (role === undefined) return undefined
    return { id: user.id, role, agents: await agentsOf({ user, stream: session, role }) }
  }

  return {
    async authorize(context) {
      const { event, row, user, stream, rows } = context
      const actor = await actorOf(context)
      if (actor === undefined) return noRole(context)
      const isPresence = presenceTypes.includes(event.type)
      const { kind, session } = place(stream)
      const write = toRowWrite(event, { actor, rows, row })
      if (write === undefined || isPresence !== (kind === 'presence') || kind === 'file') {
        return { code: 'unknown-type', message: `No ${quote(event.type)} is written to ${quote(stream)}` }
      }
      const { role } = actor
      if (isPresence) return presenceRule(write) ?? true
      if (role === 'viewer')
        return refuse(write, 'role-forbids', 'a viewer says that it is there, and nothing else')
      const mayDecide = (approval: Approval, decision: Decision): boolean =>
        decide({ user, role, stream: session, approval, decision })
      const rule = rules[event.type] ?? (event.type === 'decision' ? decisionRule(mayDecide) : undefined)
      if (rule === undefined) {
        // The gateway reads it, as it does what any `authorize` returns.
        if (others !== undefined) return (await others({ ...context, role })) as SessionDecision
        return { code: 'unknown-type', message: `No ${quote(event.type)} is written to ${quote(stream)}` }
      }
      // What changes nothing says nothing: a request that is sent again, say.
      if (write.row !== undefined && write.value !== undefined && isSameValue(write.row, write.value))
        return true
      return rule(write) ?? true
    },

    async authorizeRead(context) {
      return (await actorOf(context)) === undefined ? noRole(context) : true
    },

    async authorizeStream(context) {
      const actor = await actorOf(context)
      if (actor === undefined) return noRole(context)
      const { operation, stream } = context
      return mayDo(actor, operation, place(stream))
        ? true
        : {
            code: 'role-forbids',
            message: `${quote(actor.id)} (${actor.role}) may not ${operation} ${quote(stream)}`,
          }
    },
  }
}

const rules: Readonly<Record<string, Rule | undefined>> = Object.assign(Object.create(null) as object, {
  message: messageRule,
  part: partRule,
  delta: deltaRule,
  run: runRule,
  step: stepRule,
  approval: approvalRule,
  agent: agentRule,
  branch: branchRule,
  participant: participantRule,
  queueItem: queueItemRule,
  attachment: attachmentRule,
  document: documentRule,
  session: listedSessionRule,
  'read-mark': readMarkRule,
})

function mayDo(actor: Actor, operation: StreamContext<unknown>['operation'], { kind }: StreamPlace): boolean {
  if (actor.role === 'owner') return true
  const writes = isWriter(actor) || actor.role === 'agent'
  switch (operation) {
    case 'create':
      return writes || kind === 'presence'
    case 'close':
      // An upload ends so.
      return writes && kind === 'file'
    case 'delete':
    case 'fork':
      return false
  }
}

function noRole({ user, stream }: AccessContext<{ readonly id: string }>): SessionDecision {
  return { code: 'no-role', message: `${quote(user.id)} takes no part in ${quote(stream)}` }
}
