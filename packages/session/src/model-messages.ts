import type { Json, Part, Role } from './rows.ts'
import type { MessageView } from './thread.ts'

/** What a model is told, in no toolkit's words: adapters turn it into theirs. */
export type ModelMessage =
  | { readonly role: Role; readonly author: string; readonly content: readonly ModelContent[] }
  | { readonly role: 'tool'; readonly content: readonly ModelToolResult[] }

/** A piece of a message as a model is told it: text, reasoning, a tool call, a file by its URL, or data of the application. */
export type ModelContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly metadata?: Json }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly input: Json }
  | {
      readonly type: 'file'
      readonly url: string
      readonly mediaType: string
      readonly name?: string | undefined
      /** The manifest row of a file that was uploaded to the session: `session.attachments.read` gives its bytes. */
      readonly attachment?: string | undefined
    }
  | { readonly type: 'data'; readonly name: string; readonly data: Json }

/** What a tool returned, or why it failed: `id` is that of the tool call. */
export interface ModelToolResult {
  readonly type: 'tool-result'
  readonly id: string
  readonly name: string
  readonly output?: Json
  readonly error?: string | undefined
}

/** What the parts of messages do not say themselves; default: nothing. */
export interface PartReaders {
  /** Where an attachment is. */
  readonly urlOf?: ((attachment: string) => string) | undefined
  /** The result of a tool call, of one that is an attachment too. */
  readonly outputOf?: ((part: Part) => Json) | undefined
}

/**
 * Returns messages as a model reads them: with tool calls and their results, reasoning and files, in the order in which they
 * happened. `textOf` gives the text of a part, of one that streams too. Messages that say nothing are left out.
 */
export function toModelMessages(
  views: Iterable<MessageView>,
  textOf: (part: Part) => string = ({ text = '' }) => text,
  { urlOf, outputOf = ({ output }) => output }: PartReaders = {},
): ModelMessage[] {
  const messages: ModelMessage[] = []
  for (const { message, parts } of views) {
    const { role, author } = message
    let content: ModelContent[] = []
    let results: ModelToolResult[] = []
    const flush = (): void => {
      if (content.length > 0) messages.push({ role, author, content })
      if (results.length > 0) messages.push({ role: 'tool', content: results })
      content = []
      results = []
    }
    for (const part of parts) {
      // What was said after a result was said in the knowledge of it.
      if (results.length > 0 && part.kind !== 'tool-call') flush()
      const piece = toContent(part, textOf(part), urlOf)
      if (piece !== undefined) content.push(piece)
      const result = toResult(part, outputOf)
      if (result !== undefined) results.push(result)
    }
    flush()
  }
  return messages
}

/**
 * Returns a message without tool calls that have no outcome yet: those of a run that waits, for example. Models refuse a
 * conversation that goes on behind a call without its result.
 */
export function withoutOpenCalls(view: MessageView): MessageView {
  return view.parts.some(isOpenCall)
    ? { ...view, parts: view.parts.filter((part) => !isOpenCall(part)) }
    : view
}

function isOpenCall(part: Part): boolean {
  return part.kind === 'tool-call' && toResult(part, () => undefined) === undefined
}

function toContent(part: Part, text: string, urlOf: PartReaders['urlOf']): ModelContent | undefined {
  switch (part.kind) {
    case 'text':
      return text === '' ? undefined : { type: 'text', text }
    case 'reasoning':
      return { type: 'reasoning', text, ...(part.metadata === undefined ? {} : { metadata: part.metadata }) }
    case 'tool-call':
      // A call whose input is not whole cannot be told of.
      if (part.toolState === 'input-streaming') return undefined
      return { type: 'tool-call', id: part.toolCall ?? part.id, name: part.toolName ?? '', input: part.input }
    case 'file': {
      const { mediaType = 'application/octet-stream', name, attachment } = part
      const url = part.url ?? (attachment === undefined ? undefined : urlOf?.(attachment)) ?? ''
      return { type: 'file', url, mediaType, name, attachment }
    }
    case 'data':
      return { type: 'data', name: part.name ?? '', data: part.data }
    case 'source':
    case 'raw':
      return undefined
  }
}

function toResult(part: Part, outputOf: (part: Part) => Json): ModelToolResult | undefined {
  if (part.kind !== 'tool-call') return undefined
  const { toolCall: id = part.id, toolName: name = '', toolState, error } = part
  if (toolState === 'output-available') return { type: 'tool-result', id, name, output: outputOf(part) }
  if (toolState === 'output-error')
    return { type: 'tool-result', id, name, error: error ?? 'The tool failed' }
  if (toolState === 'denied')
    return { type: 'tool-result', id, name, error: error ?? 'The tool call was denied' }
  // It has no outcome yet.
  return undefined
}
