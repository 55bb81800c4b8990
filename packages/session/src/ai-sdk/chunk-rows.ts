import type { TextWriter } from '../run-output.ts'
import type { Part } from '../rows.ts'
import { textOf } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { deltaField, toMark, withMarks } from './marks.ts'
import type { DeltaType } from './marks.ts'

/** A chunk, with its place in the stream. */
export interface Placed {
  readonly at: number
  readonly chunk: Chunk
}

/** A piece of a text that no other chunk interrupts. `extras`: what its delta says beside the text. */
export interface Segment {
  readonly at: number
  length: number
  readonly extras: object | undefined
}

/** A text, or the input of a tool call, that streams. */
export interface OpenText {
  readonly writer: TextWriter
  readonly start: Placed
  readonly deltaType: DeltaType
  readonly segments: Segment[]
  text: string
}

/** A part that is a list of chunks: a tool call, or data that may be written again. */
export interface Written {
  part: Part
  readonly chunks: Placed[]
}

/** A tool call; `input` streams. */
export interface Call extends Written {
  input?: OpenText | undefined
}

/** Returns what a delta says beside its text. */
export function extrasOf({ type, ...fields }: Chunk): object | undefined {
  const { id: _id, toolCallId: _call, [deltaField(type)]: _text, ...extras } = fields
  const kept = Object.entries(extras).filter(([, value]) => value !== undefined)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

/** Returns the marks of a text's deltas: none where it came in one go, right behind its start. */
export function deltaMarks(
  { start, segments, deltaType }: OpenText,
  isNeeded = false,
): { readonly type: string; readonly at: number }[] {
  const pieces = segments.filter(({ length, extras }) => length > 0 || extras !== undefined)
  const [only] = pieces
  if (!isNeeded && pieces.length === 1 && only?.at === start.at + 1 && only.extras === undefined) return []
  return pieces.map(({ at, length, extras }, index) => ({
    ...{ ...extras, type: deltaType, at },
    ...(index === pieces.length - 1 ? {} : { length }),
  }))
}

/** Returns the metadata of a call's row. */
export function marksOfCall({ part, chunks }: Written): { readonly aiSdk: readonly unknown[] } {
  const inOrder = [...chunks].sort((a, b) => a.at - b.at)
  return withMarks(inOrder.map(({ at, chunk }) => toMark(at, chunk, part)))
}

/** Returns what the row of a source holds. */
export function sourceOf(chunk: Chunk): Pick<Part, 'kind' | 'url' | 'name' | 'mediaType'> {
  const title = textOf(chunk, 'title')
  const named = title === '' ? {} : { name: title }
  if (chunk.type === 'source-url') return { kind: 'source', url: textOf(chunk, 'url'), ...named }
  return { kind: 'source', mediaType: textOf(chunk, 'mediaType'), ...named }
}

/** Returns what a chunk changes in the row of its tool call. */
export function rowOf(chunk: Chunk): Partial<Part> {
  const { type, toolName, input, output, errorText } = chunk
  switch (type) {
    case 'tool-input-start':
      return { toolState: 'input-streaming' }
    case 'tool-input-available':
      return { toolState: 'input-available', toolName: String(toolName), input }
    case 'tool-input-error':
      return { toolState: 'output-error', toolName: String(toolName), input, error: String(errorText) }
    case 'tool-approval-request':
      return { toolState: 'awaiting-approval' }
    case 'tool-approval-response':
      return { toolState: 'input-available' }
    case 'tool-output-available':
      return chunk['preliminary'] === true ? { output } : { toolState: 'output-available', output }
    case 'tool-output-error':
      return { toolState: 'output-error', error: String(errorText) }
    case 'tool-output-denied':
      return { toolState: 'denied' }
    default:
      return {}
  }
}
