import { StreamProcessor } from '@tanstack/ai/client'
import type { ContentPart, MessagePart, StreamChunk, UIMessage } from '@tanstack/ai/client'
import type { Part } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { MessageView } from '../thread.ts'
import type { Chunk } from './chunk.ts'
import { MessageCursor } from './run-chunks.ts'
import type { ReadableSession } from './run-chunks.ts'

/**
 * Returns a message as the toolkit's clients show it. An answer may be several: one for each message of its stream, as the
 * toolkit itself makes of the same events.
 */
export function toUIMessages(session: ReadableSession, view: MessageView): UIMessage[] {
  const { message, parts } = view
  if (message.role !== 'assistant') return [toUIMessage(session, view)]
  const processor = new StreamProcessor()
  const named = new Set([message.id])
  const cursor = new MessageCursor(session, message.id)
  const run = message.run === undefined ? undefined : session.run(message.run)
  const isWhole = run === undefined || isOver(run)
  for (const chunk of [...cursor.take(view), ...(isWhole ? cursor.takeResults(view) : [])]) {
    // It says what a model was told, and not what the conversation is.
    if (chunk.type === 'MESSAGES_SNAPSHOT') continue
    for (const id of [chunk['messageId'], chunk['parentMessageId']]) if (typeof id === 'string') named.add(id)
    processor.processChunk(chunk as unknown as StreamChunk) // kinds that the toolkit does not know are passed over by it
  }
  if (isWhole) processor.finalizeStream()
  const files = parts.filter(({ kind }) => kind === 'file').map((part) => toFile(session, part))
  const messages = processor.getMessages()
  const shown =
    messages.length === 0 && files.length > 0
      ? [{ id: message.id, role: 'assistant' as const, parts: [] }]
      : messages
  return shown.map((each, index) => ({
    ...each,
    // The toolkit gives a new id to what its stream has given none.
    id: named.has(each.id) ? each.id : index === 0 ? message.id : `${message.id}.${index}`,
    ...(message.createdAt === undefined ? {} : { createdAt: new Date(message.createdAt) }),
    parts: index === shown.length - 1 ? [...each.parts, ...files] : each.parts,
    metadata: { ...each.metadata, author: message.author },
  }))
}

function toUIMessage(session: ReadableSession, { message, parts }: MessageView): UIMessage {
  return {
    id: message.id,
    role: message.role,
    parts: parts.map((part) => toMessagePart(session, part)).filter((part) => part !== undefined),
    ...(message.createdAt === undefined ? {} : { createdAt: new Date(message.createdAt) }),
    metadata: { author: message.author },
  }
}

function toMessagePart(session: ReadableSession, part: Part): MessagePart | undefined {
  switch (part.kind) {
    case 'text':
      return { type: 'text', content: part.text ?? '' }
    case 'file':
      return toFile(session, part)
    case 'reasoning':
      return { type: 'thinking', content: part.text ?? '' }
    case 'tool-call':
    case 'source':
    case 'data':
    case 'raw':
      return undefined
  }
}

const media = ['image', 'audio', 'video'] as const

/** Returns a file as the toolkit has it. */
function toFile(session: ReadableSession, part: Part): Exclude<ContentPart, { type: 'text' }> {
  const { mediaType = '', metadata } = part
  const url = urlOf(session, part)
  const [, base64] = /^data:[^,]*;base64,(.*)$/s.exec(url) ?? []
  const source =
    base64 === undefined
      ? { type: 'url' as const, value: url, ...(mediaType === '' ? {} : { mimeType: mediaType }) }
      : { type: 'data' as const, value: base64, mimeType: mediaType }
  const type = media.find((each) => mediaType.startsWith(`${each}/`)) ?? 'document'
  return { type, source, ...(metadata === undefined ? {} : { metadata }) }
}

/** A file that was uploaded to the session is where the session says: in a fork elsewhere than in its source. */
function urlOf({ attachments }: ReadableSession, { attachment, url = '' }: Part): string {
  try {
    return attachment === undefined ? url : attachments.url(attachment)
  } catch {
    // Its row was removed.
    return url
  }
}

/** Whether a message can be said by events: a text, and nothing else. */
export function textOfMessage({ parts }: MessageView): string | undefined {
  return parts.every(({ kind }) => kind === 'text') ? parts.map(({ text = '' }) => text).join('') : undefined
}

/** Returns the event that puts these messages in place of what a client shows. */
export function toSnapshot(messages: readonly UIMessage[]): Chunk {
  return { type: 'MESSAGES_SNAPSHOT', messages }
}
