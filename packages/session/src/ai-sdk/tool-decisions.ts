import type { UIMessage } from 'ai'
import { SessionError } from '../errors.ts'
import type { Part } from '../rows.ts'
import type { Session } from '../session.ts'
import type { MessageView } from '../thread.ts'
import { isOutcome } from './chunk.ts'
import { marksOf, roundSize } from './marks.ts'
import type { PlacedChunk } from './part-chunks.ts'

/** A tool call as a chat has it: the fields that say what its participant decided. */
interface ChatCall {
  readonly toolCallId: string
  readonly state: string
  readonly output?: unknown
  readonly errorText?: string
  readonly approval?: { readonly id: string; readonly approved?: boolean; readonly reason?: string }
}

/**
 * Writes what a chat decided about the calls of an answer: approvals, and outputs of tools that it ran. Returns the calls that
 * the chat has an answer for. Rejects with `already-decided` where somebody else decided otherwise before.
 */
export async function decideParts(
  session: Session,
  message: UIMessage,
  view: MessageView,
): Promise<readonly Part[]> {
  const answered: Part[] = []
  for (const call of callsOf(message)) {
    const part = view.parts.find(({ toolCall }) => toolCall === call.toolCallId)
    if (part === undefined) continue
    if (call.state === 'approval-responded') await respond(session, call)
    else if (call.state === 'output-available' || call.state === 'output-error')
      await give(session, call, part)
    else continue
    answered.push(part)
  }
  return answered
}

/** Returns what tells which chunks of an answer a chat does not have that has these calls with their answers. */
export function behind(calls: readonly Part[]): (placed: PlacedChunk, part: Part) => boolean {
  const asked = calls.flatMap((part) => (marksOf(part) ?? []).filter(isRequest).map(({ at }) => at))
  const cut = asked.length === 0 ? 0 : (Math.floor(Math.max(...asked) / roundSize) + 1) * roundSize
  const index = Math.max(-1, ...calls.map((part) => part.index))
  const answered = new Set(calls.map(({ id }) => id))
  return ({ at, key, chunk }, part) => {
    // What the run's end says of a call has no place in its stream.
    if (isOutcome(chunk) && key === chunk.type && answered.has(part.id)) return true
    return marksOf(part) === undefined ? part.index > index : at >= cut
  }
}

function isRequest({ type }: { readonly type: string }): boolean {
  return type === 'tool-input-available' || type === 'tool-approval-request'
}

function callsOf(message: UIMessage): ChatCall[] {
  // Parts of tools are told apart by their call's id, in every version.
  return message.parts.filter((part) => 'toolCallId' in part)
}

async function respond(session: Session, { approval, toolCallId }: ChatCall): Promise<void> {
  if (approval === undefined) return
  const { id, approved = false, reason } = approval
  const row = session.collections.approvals.get(id)
  if (row === undefined) {
    throw new SessionError('not-found', `There is no approval "${id}" for the tool call "${toolCallId}"`)
  }
  const options = reason === undefined ? {} : { reason }
  await once(
    () => (approved ? session.approve(id, options) : session.deny(id, options)),
    approved ? 'approve' : 'deny',
  )
}

async function give(
  session: Session,
  { toolCallId, state, output, errorText }: ChatCall,
  part: Part,
): Promise<void> {
  const approval = session.collections.approvals.get(toolCallId)
  const isPending = approval?.status === 'pending'
  if (!isPending && part.toolState !== 'awaiting-output') return
  if (state === 'output-error' && isPending) {
    await once(() => session.deny(toolCallId, errorText === undefined ? {} : { reason: errorText }), 'deny')
  } else {
    await once(
      () => session.answer(toolCallId, state === 'output-error' ? { error: errorText } : output),
      'answer',
    )
  }
}

/** Two who decide the same want the same. */
async function once(decide: () => Promise<unknown>, verdict: string): Promise<void> {
  try {
    await decide()
  } catch (error) {
    const isSame =
      error instanceof SessionError &&
      error.code === 'already-decided' &&
      Reflect.get(Object(error.winner), 'verdict') === verdict
    if (!isSame) throw error
  }
}
