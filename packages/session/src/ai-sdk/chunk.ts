/** A piece of a UI message stream of whatever version, as JSON holds it: its `type` says what it is. */
export interface Chunk {
  readonly type: string
  readonly [field: string]: unknown
}

/** What a stream gives: the chunks of any version of the toolkit. */
export interface AnyChunk {
  readonly type: string
}

/** Returns a field of a chunk that its kind makes a text. */
export function textOf(chunk: Chunk, field: string): string {
  const value = chunk[field]
  return typeof value === 'string' ? value : ''
}

/** Tells whether a chunk is one of the application's data. */
export function isData({ type }: AnyChunk): boolean {
  return type.startsWith('data-')
}

/** Chunks that end a tool call. */
const outcomes = new Set([
  'tool-output-available',
  'tool-output-error',
  'tool-output-denied',
  'tool-input-error',
])

/** Tells whether a chunk is the outcome of a tool call; a preliminary result is none. */
export function isOutcome({ type, ...fields }: Chunk): boolean {
  return outcomes.has(type) && fields['preliminary'] !== true
}

/** Returns the id of the tool call that a chunk is about. */
export function toolCallOf(chunk: Chunk): string | undefined {
  const { toolCallId } = chunk
  return chunk.type.startsWith('tool-') && typeof toolCallId === 'string' ? toolCallId : undefined
}
