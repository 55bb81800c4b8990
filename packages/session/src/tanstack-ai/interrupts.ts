import type { Approval, Run } from '../rows.ts'
import type { Session } from '../session.ts'
import type { Chunk } from './chunk.ts'
import { asRecord } from './segment.ts'

/** A pause of a run, as the toolkit describes it: it waits for an approval, an answer, or the result of a client tool. */
export interface Interrupt {
  readonly id: string
  readonly reason: string
  readonly message?: string
  readonly toolCallId?: string
  readonly expiresAt?: string
  readonly responseSchema?: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
}

const bindingKey = 'tanstack:interruptBinding'

/** What ties a pause to a run. */
export interface InterruptBinding {
  readonly kind: string
  readonly interruptedRunId?: string
}

export function bindingOf(interrupt: Interrupt | undefined): InterruptBinding | undefined {
  const binding = asRecord(interrupt?.metadata?.[bindingKey])
  // Written by the toolkit.
  return typeof binding?.['kind'] === 'string' ? (binding as unknown as InterruptBinding) : undefined
}

/** Returns what an approval asks, as the toolkit's own stream said it, where it was asked by one. */
export function askedBy({ data }: Approval): Interrupt | undefined {
  const interrupt = asRecord(asRecord(data)?.['interrupt'])
  // Written by this adapter alone.
  return typeof interrupt?.['id'] === 'string' ? (interrupt as unknown as Interrupt) : undefined
}

/** Returns an approval as a pause of a run that the client knows by `interruptedRunId`. */
export function toInterrupt(approval: Approval, interruptedRunId: string): Interrupt {
  const asked = askedBy(approval)
  if (asked !== undefined) return rebind(asked, interruptedRunId)
  const { id, kind, question, data, toolCall, expiresAt } = approval
  const expires = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }
  const { name, input } = asRecord(data) ?? {}
  return {
    id,
    reason: toolCall === undefined ? `streamdb:${kind}` : 'approval_required',
    ...(question === undefined ? {} : { message: question }),
    ...(toolCall === undefined ? {} : { toolCallId: toolCall }),
    ...expires,
    metadata: {
      // The toolkit takes what JSON holds, and no field without a value.
      ...(toolCall === undefined
        ? { kind, ...(data === undefined ? {} : { data }) }
        : { kind: 'approval', toolName: name ?? '', input: input ?? null }),
      // The toolkit's mark of a pause that its client may end; without a schema it takes any answer.
      [bindingKey]: { v: 1, kind: 'generic', interruptId: id, interruptedRunId, generation: 0, ...expires },
    },
  }
}

/** Returns a pause as one of the run that the client knows by another id: it takes answers for no other run. */
export function rebind(interrupt: Interrupt, interruptedRunId: string): Interrupt {
  const binding = asRecord(interrupt.metadata?.[bindingKey])
  if (binding === undefined) return interrupt
  const bound = { ...binding, interruptedRunId, generation: 0 }
  return { ...interrupt, metadata: { ...interrupt.metadata, [bindingKey]: bound } }
}

/** Whether an event says that a run ends, or pauses. */
export function isTerminal({ type }: Chunk): boolean {
  return type === 'RUN_FINISHED' || type === 'RUN_ERROR'
}

/** Returns the pauses that an event tells of. */
export function interruptsOf(chunk: Chunk): readonly Interrupt[] {
  const outcome = asRecord(chunk['outcome'])
  // The toolkit's own.
  return outcome?.['type'] === 'interrupt' ? (outcome['interrupts'] as readonly Interrupt[]) : []
}

/** Whether the client waits for more behind the event: a turn of tool calls is followed by another turn. */
export function isIntermediate(chunk: Chunk): boolean {
  const reason =
    chunk['finishReason'] ?? asRecord(asRecord(chunk['metadata'])?.['tanstack'])?.['finishReason']
  return chunk.type === 'RUN_FINISHED' && reason === 'tool_calls' && interruptsOf(chunk).length === 0
}

/** Returns the approvals of a run, in the order in which they were asked for. */
export function approvalsOf({ collections }: Pick<Session, 'collections'>, run: Pick<Run, 'id'>): Approval[] {
  return [...collections.approvals.values()].filter((approval) => approval.run === run.id)
}

/**
 * Returns the id by which clients know a run from now on: what goes on behind a pause has an id of its own, as the toolkit's
 * client takes no second pause of a run that has gone on.
 */
export function continuationId(session: Pick<Session, 'collections'>, run: Pick<Run, 'id'>): string {
  const decided = approvalsOf(session, run).filter(({ status }) => status !== 'pending').length
  return decided === 0 ? run.id : `${run.id}~${decided}`
}

/** Returns the run of an id that `continuationId` has given. */
export function baseRunId(id: string): string {
  return id.replace(/~\d+$/, '')
}
