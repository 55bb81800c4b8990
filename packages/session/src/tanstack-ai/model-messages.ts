import { uiMessageToModelMessages } from '@tanstack/ai/client'
import type { ModelMessage } from '@tanstack/ai/client'
import type { AgentRun } from '../agent-run.ts'
import type { Session } from '../session.ts'
import type { MessageView } from '../thread.ts'
import type { ReadableSession } from './run-chunks.ts'
import { toUIMessages } from './ui-messages.ts'

/** Which messages a model is told. */
export interface ModelMessagesOptions {
  /** Of a session; a run has its own. Absent: the first branch. */
  readonly branch?: string | undefined
}

/**
 * Returns the messages of a session, or of a run with what it has written so far, as `chat()` of TanStack AI takes them: with
 * tool calls and their results, reasoning with its signatures, and files. Calls that have no result yet are left out, but for the
 * run's own: `chat()` would run them, and models refuse them.
 */
export function toModelMessages(
  source: (ReadableSession & Pick<Session, 'thread'>) | AgentRun,
  { branch }: ModelMessagesOptions = {},
): ModelMessage[] {
  const [session, views] =
    'triggers' in source ? [readerOf(source), viewsOf(source)] : [source, source.thread({ branch })]
  const own = 'triggers' in source ? source.row.message : undefined
  return views.flatMap((view) => {
    const messages = toUIMessages(session, view).flatMap((message) => uiMessageToModelMessages(message))
    return view.message.id === own ? messages : withoutOpenCalls(messages)
  })
}

function withoutOpenCalls(messages: readonly ModelMessage[]): ModelMessage[] {
  const answered = new Set(messages.map(({ toolCallId }) => toolCallId))
  return messages.flatMap((message) => {
    const { toolCalls, ...rest } = message
    const closed = toolCalls?.filter(({ id }) => answered.has(id))
    if (toolCalls === undefined || closed?.length === toolCalls.length) return [message]
    if (closed !== undefined && closed.length > 0) return [{ ...rest, toolCalls: closed }]
    return rest.content === null || rest.content.length === 0 ? [] : [rest]
  })
}

function viewsOf(run: AgentRun): readonly MessageView[] {
  const message = run.collections.messages.get(run.row.message)
  const parts = run.parts()
  // What was written here may not have come back yet.
  return message === undefined || parts.length === 0
    ? run.thread()
    : [...run.thread(), { message, parts, isPending: false }]
}

function readerOf(run: AgentRun): ReadableSession {
  const views = viewsOf(run)
  const textOf = (id: string): string =>
    views.flatMap(({ parts }) => parts).find((part) => part.id === id)?.text ?? ''
  return {
    attachments: run.attachments,
    message: () => undefined,
    text: (part) => ({
      get: () => textOf(typeof part === 'string' ? part : part.id),
      subscribe: () => () => undefined,
    }),
    run: (named) => run.collections.runs.get(typeof named === 'string' ? named : named.id),
  }
}
