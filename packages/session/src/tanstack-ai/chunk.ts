/** An event of a TanStack AI stream, of a kind that this version knows or not: what JSON can hold. */
export interface Chunk {
  readonly type: string
  readonly [field: string]: unknown
}

/** Names the parts and the metadata that are this adapter's. */
export const adapterName = 'tanstack-ai'

/** The events that bring text, piece by piece: each ends in a field `delta`. */
export const deltaKinds: ReadonlyMap<string, { readonly start: string; readonly end: string }> = new Map([
  ['TEXT_MESSAGE_CONTENT', { start: 'TEXT_MESSAGE_START', end: 'TEXT_MESSAGE_END' }],
  ['REASONING_MESSAGE_CONTENT', { start: 'REASONING_MESSAGE_START', end: 'REASONING_MESSAGE_END' }],
  ['TOOL_CALL_ARGS', { start: 'TOOL_CALL_START', end: 'TOOL_CALL_END' }],
])

/** Returns the kind of the pieces that follow an event that begins a text. */
export function deltaKindOf(start: string): string | undefined {
  for (const [kind, { start: known }] of deltaKinds) if (known === start) return kind
  return undefined
}

/** Returns an event as a bag of fields. */
export function toChunk(chunk: object): Chunk {
  // The toolkit's types are interfaces without an index signature; each has a `type`.
  return chunk as Chunk
}

/** Returns the id of what an event is about: a message, or a tool call. */
export function subjectOf({ messageId, toolCallId }: Chunk): string | undefined {
  const subject = toolCallId ?? messageId
  return typeof subject === 'string' ? subject : undefined
}

/** Returns an event without some of its fields. */
export function without({ type, ...fields }: Chunk, ...names: readonly string[]): Chunk {
  return {
    type,
    ...Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))),
  }
}

/** Returns what text says as JSON; nothing where it is none. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
