import { createStateSchema, StateError } from '@streamdb/state'
import type { CheckedDefinition, StandardSchema, StateDefinition, StateSchema } from '@streamdb/state'
import { rowSchema } from './row-schema.ts'
import type { RowFields } from './row-schema.ts'
import type {
  Agent,
  Approval,
  Attachment,
  Branch,
  Decision,
  Delta,
  DeltaInput,
  DocumentRow,
  Message,
  Part,
  Participant,
  QueueItem,
  Run,
  Step,
} from './rows.ts'

/** A collection of a session: its rows are keyed by `id`. */
export interface SessionCollection<Row extends object, Input extends object = Row> {
  readonly schema: StandardSchema<Input, Row>
  readonly type: string
  readonly primaryKey: 'id'
}

/** The collections of a session. A type, not an interface: it fits where any definitions do. */
export type SessionDefinitions = {
  readonly messages: SessionCollection<Message>
  readonly parts: SessionCollection<Part>
  readonly deltas: SessionCollection<Delta, DeltaInput>
  readonly runs: SessionCollection<Run>
  readonly steps: SessionCollection<Step>
  readonly approvals: SessionCollection<Approval>
  readonly decisions: SessionCollection<Decision>
  readonly branches: SessionCollection<Branch>
  readonly agents: SessionCollection<Agent>
  readonly participants: SessionCollection<Participant>
  readonly queueItems: SessionCollection<QueueItem>
  readonly attachments: SessionCollection<Attachment>
  readonly documents: SessionCollection<DocumentRow>
}

/** What `createSessionState` returns: the collections of a session, and those of the application beside them. */
export type SessionState<Own extends StateDefinition = Record<never, never>> = StateSchema<
  SessionDefinitions & Own
>

const definitions: SessionDefinitions = {
  messages: collection<Message>('message', {
    id: 'string',
    role: 'string',
    author: 'string',
    branch: 'string?',
    run: 'string?',
    mentions: 'strings?',
    replyTo: 'string?',
    createdAt: 'string?',
    metadata: 'json?',
  }),
  parts: collection<Part>('part', {
    id: 'string',
    message: 'string',
    index: 'number',
    kind: 'string',
    state: 'string',
    text: 'string?',
    toolCall: 'string?',
    toolName: 'string?',
    toolState: 'string?',
    input: 'json?',
    output: 'json?',
    error: 'string?',
    url: 'string?',
    mediaType: 'string?',
    name: 'string?',
    size: 'number?',
    attachment: 'string?',
    data: 'json?',
    step: 'string?',
    attempt: 'number?',
    metadata: 'json?',
  }),
  deltas: {
    schema: rowSchema<Delta, DeltaInput>({ id: 'string', text: 'string' }),
    type: 'delta',
    primaryKey: 'id',
  },
  runs: collection<Run>('run', {
    id: 'string',
    agent: 'string',
    status: 'string',
    triggers: 'strings',
    message: 'string',
    branch: 'string?',
    attempt: 'number',
    epoch: 'number',
    holder: 'string?',
    freeAttempts: 'number?',
    depth: 'number?',
    code: 'string?',
    reason: 'string?',
    startedAt: 'string?',
    endedAt: 'string?',
    metadata: 'json?',
  }),
  steps: collection<Step>('step', {
    id: 'string',
    run: 'string',
    name: 'string',
    output: 'json?',
    attempt: 'number',
  }),
  approvals: collection<Approval>('approval', {
    id: 'string',
    run: 'string',
    agent: 'string',
    kind: 'string',
    status: 'string',
    question: 'string?',
    data: 'json?',
    toolCall: 'string?',
    expiresAt: 'number?',
    decision: 'string?',
    by: 'string?',
    value: 'json?',
    attachment: 'string?',
    reason: 'string?',
  }),
  decisions: collection<Decision>('decision', {
    id: 'string',
    subject: 'string',
    actor: 'string',
    device: 'string?',
    verdict: 'string',
    value: 'json?',
    attachment: 'string?',
    reason: 'string?',
  }),
  branches: collection<Branch>('branch', {
    id: 'string',
    parent: 'string?',
    from: 'string',
    kind: 'string',
    by: 'string',
    agent: 'string?',
  }),
  agents: collection<Agent>('agent', {
    id: 'string',
    name: 'string?',
    description: 'string?',
    concurrency: 'string?',
    after: 'string?',
  }),
  participants: collection<Participant>('participant', {
    id: 'string',
    kind: 'string',
    name: 'string?',
    avatar: 'string?',
    data: 'json?',
  }),
  queueItems: collection<QueueItem>('queueItem', {
    id: 'string',
    author: 'string',
    mode: 'string',
    parts: 'list',
    branch: 'string?',
    mentions: 'strings?',
    replyTo: 'string?',
    metadata: 'json?',
    run: 'string?',
    outcome: 'string?',
  }),
  attachments: collection<Attachment>('attachment', {
    id: 'string',
    name: 'string',
    mediaType: 'string',
    size: 'number',
    url: 'string',
    state: 'string',
    by: 'string',
  }),
  documents: collection<DocumentRow>('document', {
    id: 'string',
    title: 'string?',
    by: 'string',
    path: 'string',
    source: 'string?',
    createdAt: 'string?',
    metadata: 'json?',
  }),
}

/** The state of a session without collections of the application. */
export const sessionState: SessionState = createStateSchema(definitions)

/**
 * Returns the state of a session with collections of the application beside it, on the same stream.
 *
 * Throws a `StateError` as `createStateSchema` does: `duplicate-type` where a collection has the type, and
 * `reserved-name` where it has the name, of one of the session's.
 *
 * @example
 * ```ts
 * const state = createSessionState({
 *   todos: { schema: z.object({ id: z.string(), title: z.string() }), type: 'todo', primaryKey: 'id' },
 * })
 * ```
 */
export function createSessionState<const Own extends StateDefinition>(
  own: Own & { readonly [Name in keyof Own]: CheckedDefinition<Own[Name]> },
): SessionState<Own> {
  const taken = Object.keys(own).find((name) => Object.hasOwn(definitions, name))
  if (taken !== undefined) {
    throw new StateError(
      'reserved-name',
      `createSessionState: the collection "${taken}" is the session's own. Give yours another name`,
    )
  }
  // Each part was checked by its own signature; TypeScript does not check the sum of a generic one again.
  const all: StateDefinition = { ...definitions, ...own }
  return createStateSchema(all) as unknown as SessionState<Own>
}

function collection<Row extends object>(type: string, fields: RowFields<Row>): SessionCollection<Row> {
  return { schema: rowSchema<Row>(fields), type, primaryKey: 'id' }
}
