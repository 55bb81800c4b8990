import type { ContentPart, MessagePart, UIMessage } from '@tanstack/ai/client'
import { SessionError } from '../errors.ts'
import type { NewPart } from '../rows.ts'
import type { Session } from '../session.ts'
import { adapterName } from './chunk.ts'
import { askedBy, bindingOf } from './interrupts.ts'
import { asRecord } from './segment.ts'
import type { RunContext } from './toolkit.ts'

/** The reason of a decision that ends a pause without an answer. */
export const cancelledReason = 'cancelled'

/** Returns the parts of a message that a client has written; `uploaded` has those whose files are attachments. */
export function toNewParts({ parts }: UIMessage, uploaded: ReadonlyMap<MessagePart, NewPart>): NewPart[] {
  const made = parts.map((part) => uploaded.get(part) ?? toNewPart(part)).filter((part) => part !== undefined)
  return made.length === 0 ? [{ text: '' }] : made
}

function toNewPart(part: MessagePart): NewPart | undefined {
  switch (part.type) {
    case 'text':
      return { kind: 'text', text: part.content }
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
      return toFilePart(part)
    case 'tool-call':
    case 'tool-result':
    case 'thinking':
    case 'structured-output':
    case 'ui-resource':
      return undefined
  }
}

const defaultTypes = {
  image: 'image/*',
  audio: 'audio/*',
  video: 'video/*',
  document: 'application/octet-stream',
} as const

function toFilePart({ type, source, metadata }: Exclude<ContentPart, { type: 'text' }>): NewPart {
  const mediaType = source.mimeType ?? defaultTypes[type]
  const url = source.type === 'url' ? source.value : `data:${mediaType};base64,${source.value}`
  return { kind: 'file', url, mediaType, ...(metadata === undefined ? {} : { metadata }) }
}

/** Returns what a message remembers of the call that sent it: the agent that answers reads it (`runInput`). */
export function toMessageMetadata(
  { metadata }: UIMessage,
  context: RunContext | undefined,
): object | undefined {
  if (context === undefined) return metadata
  const { threadId, runId, clientTools = [], forwardedProps = {} } = context
  return {
    ...metadata,
    [adapterName]: {
      ...{ threadId, runId },
      ...(clientTools.length === 0 ? {} : { clientTools }),
      ...(Object.keys(forwardedProps).length === 0 ? {} : { forwardedProps }),
    },
  }
}

/**
 * Decides what the client answers to pauses; returns the runs that go on by it. Rejects as `session.approve` does, with
 * `not-found` where nothing here waits for the answer.
 */
export async function resume(
  session: Session,
  items: NonNullable<RunContext['resume']>,
  resolved: Set<string>,
): Promise<readonly string[]> {
  const approvals = [...session.collections.approvals.values()]
  const found = items.map((item) => {
    // The newest: a model may give the same id to a later call.
    const approval = approvals.filter((each) => (askedBy(each)?.id ?? each.id) === item.interruptId)
    const asked = approval.find(({ status }) => status === 'pending') ?? approval.at(-1)
    if (asked === undefined) {
      throw new SessionError('not-found', `Nothing in ${session.url} waits for "${item.interruptId}"`)
    }
    return { item, asked }
  })
  await Promise.all(
    found.map(async ({ item, asked }) => {
      try {
        await decide(session, item, asked)
      } catch (error) {
        // A tool that several devices of a person have run at once: the first result counts, and each of them has one.
        const isTool = bindingOf(askedBy(asked))?.kind === 'client-tool-execution'
        if (!(isTool && error instanceof SessionError && error.code === 'already-decided')) throw error
      }
      resolved.add(asked.id)
    }),
  )
  return found.map(({ asked }) => asked.run)
}

type ResumeItem = NonNullable<RunContext['resume']>[number]

async function decide(
  session: Session,
  item: ResumeItem,
  asked: { readonly id: string; readonly kind: string },
): Promise<void> {
  if (item.status !== 'resolved') {
    await session.deny(asked.id, { reason: cancelledReason })
    return
  }
  const value: unknown = item.payload
  const approved = typeof value === 'boolean' ? value : asRecord(value)?.['approved']
  if (asked.kind === 'input') await session.answer(asked.id, value)
  else if (approved === false) await session.deny(asked.id, { value })
  else await session.approve(asked.id, { value })
}

/** Returns the results of client tools that the session still waits for. */
export function newToolResults(
  session: Session,
  message: UIMessage,
): { toolCall: string; output: unknown }[] {
  const waiting = new Set(
    [...session.collections.parts.values()]
      .filter(
        ({ kind, toolState }) =>
          kind === 'tool-call' && (toolState === 'awaiting-output' || toolState === 'input-available'),
      )
      .map(({ toolCall }) => toolCall),
  )
  return message.parts.flatMap((part) =>
    part.type === 'tool-call' && part.output !== undefined && waiting.has(part.id)
      ? // The toolkit's type of it is open.
        [{ toolCall: part.id, output: part.output as unknown }]
      : [],
  )
}
