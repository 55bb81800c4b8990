import type { UIMessage } from 'ai'
import type { MessageView } from '../thread.ts'
import { foldChunks } from './fold.ts'
import { chunksOfMessage, uiIdOf } from './message-chunks.ts'
import type { ChunkSource } from './message-chunks.ts'
import { toUserPart } from './user-parts.ts'

/** What has messages: a session, or a run of an agent. */
export interface UIMessageSource extends ChunkSource {
  thread(options?: { readonly branch?: string | undefined }): readonly MessageView[]
}

/**
 * Returns the messages of a branch, or before a run's own, in the toolkit's shape: for `useChat`, and for
 * `convertToModelMessages`. Whoever wrote them, with whichever toolkit.
 *
 * @example
 * ```ts
 * const messages = toUIMessages(session)
 * ```
 */
export function toUIMessages<Message extends UIMessage = UIMessage>(
  source: UIMessageSource,
  options: { readonly branch?: string | undefined } = {},
): Message[] {
  return source.thread(options).map((view) => toUIMessage<Message>(view, source))
}

/** Returns a message in the toolkit's shape. Its parts hold their texts, as those of `session.thread()` do. */
export function toUIMessage<Message extends UIMessage = UIMessage>(
  view: MessageView,
  source: ChunkSource,
): Message {
  const { message, parts } = view
  const { id, role, metadata } = message
  // The application says what its metadata, data and tools are.
  if (role === 'assistant') {
    const folded = foldChunks(uiIdOf(view), chunksOfMessage(view, source))
    return (
      metadata === undefined || folded.metadata !== undefined ? folded : { ...folded, metadata }
    ) as Message
  }
  const { attachments } = source.collections
  const urlOf = (id: string): string | undefined =>
    attachments.has(id) ? source.attachments.url(id) : undefined
  const shown = parts.map((part) => toUserPart(part, urlOf)).filter((part) => part !== undefined)
  return { id, role, ...(metadata === undefined ? {} : { metadata }), parts: shown } as unknown as Message
}
