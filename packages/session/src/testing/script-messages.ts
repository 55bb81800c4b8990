/** A message as a script sees it, whichever toolkit it came from. */
export interface ScriptMessage {
  readonly role: string
  readonly text: string
}

/** What a script that is a function is told. */
export interface ScriptInput {
  /** What the model was given: who said what, in words. */
  readonly messages: readonly ScriptMessage[]
  /** What the last user said. */
  readonly prompt: string
  /** How often tools have answered since then: 0 for the first answer, 1 for the one that knows the tools' results. */
  readonly turn: number
}

/** Returns what a script is told of messages: of a session (`toModelMessages`), of the AI SDK, or of TanStack AI. */
export function toScriptInput(given: readonly unknown[]): ScriptInput {
  const messages = given.map(toScriptMessage)
  const asked = messages.map(({ role }) => role).lastIndexOf('user')
  const since = messages.slice(asked + 1)
  // The results of tools that were called together are one turn.
  const turn = since.filter(({ role }, index) => role === 'tool' && since[index - 1]?.role !== 'tool').length
  return { messages, prompt: messages[asked]?.text ?? '', turn }
}

function toScriptMessage(given: unknown): ScriptMessage {
  const { role, content } = record(given)
  return { role: typeof role === 'string' ? role : 'user', text: textOf(content) }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: unknown) => textOfPart(record(part))).join('')
}

/** A text has `text` in a session and in the AI SDK, and `content` in TanStack AI; a tool's result is told as JSON. */
function textOfPart({ type, text, content, output }: Record<string, unknown>): string {
  if (type === 'text') return typeof text === 'string' ? text : typeof content === 'string' ? content : ''
  return type === 'tool-result' && output !== undefined ? JSON.stringify(output) : ''
}

function record(value: unknown): Record<string, unknown> {
  // An object's fields are unknown until they are looked at.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
