import type { Part } from '../rows.ts'
import { isData } from './chunk.ts'
import type { Chunk } from './chunk.ts'

/**
 * A chunk as the row of its part keeps it, in `metadata.aiSdk`: at its place in the stream, without what the row holds
 * anyway. A delta holds no text but how much of the row's text it stands for; without `length` that is the rest.
 */
export interface Mark extends Chunk {
  readonly at: number
  /** Changes where data is written again at its place. */
  readonly version?: number
}

/** How many chunks a round of a run has room for: what `at` is in the round before it. */
export const roundSize = 1_000_000

/** The name of parts of kind `raw` that this adapter writes. */
export const toolkit = 'ai-sdk'

type Columns = Readonly<Record<string, keyof Part>>

const call: Columns = { toolCallId: 'toolCall' }
const fileColumns: Columns = { url: 'url', mediaType: 'mediaType' }

/** By kind of chunk, which field is in which column of its part's row. */
const columns: Readonly<Record<string, Columns>> = {
  'tool-input-start': { ...call, toolName: 'toolName' },
  'tool-input-delta': call,
  'tool-input-available': { ...call, toolName: 'toolName', input: 'input' },
  'tool-input-error': { ...call, toolName: 'toolName', input: 'input', errorText: 'error' },
  'tool-approval-request': call,
  'tool-output-available': { ...call, output: 'output' },
  'tool-output-error': { ...call, errorText: 'error' },
  'tool-output-denied': call,
  file: fileColumns,
  'reasoning-file': fileColumns,
  'source-url': { url: 'url', title: 'name' },
  'source-document': { mediaType: 'mediaType', title: 'name' },
}

const ownFields = ['at', 'version', 'length', 'chunk']

/** Tells whether a chunk is how much of a row's text a delta stands for. */
function isPieceOfText(chunk: Chunk): boolean {
  return chunk.type.endsWith('-delta') && !Object.hasOwn(chunk, deltaField(chunk.type)) && !isData(chunk)
}

function columnsOf(chunk: Chunk): Columns {
  return columns[chunk.type] ?? (isData(chunk) ? { data: 'data' } : {})
}

/** Returns a chunk as a mark in its part's row. */
export function toMark(at: number, chunk: Chunk, part: Partial<Part>): Mark {
  // A kind that this version does not know may have fields of these names.
  if (!isPieceOfText(chunk) && ownFields.some((field) => Object.hasOwn(chunk, field)))
    return { type: chunk.type, at, chunk }
  const held = columnsOf(chunk)
  const kept = Object.entries(chunk).filter(([field, value]) => {
    const column = held[field]
    return column === undefined || value === undefined || !isSame(part[column], value)
  })
  return { ...Object.fromEntries(kept), type: chunk.type, at }
}

/** Returns the chunk that a mark stands for. */
export function toChunk({ at: _at, version: _version, ...mark }: Mark, part: Part): Chunk {
  const held = Object.entries(columnsOf(mark)).filter(
    ([field, column]) => !Object.hasOwn(mark, field) && part[column] !== undefined,
  )
  // It was written whole.
  if (mark['chunk'] !== undefined) return mark['chunk'] as Chunk
  return {
    ...mark,
    type: mark.type,
    ...Object.fromEntries(held.map(([field, column]) => [field, part[column]])),
  }
}

/** Returns the marks of a part, in their order; `undefined` where something else than this adapter wrote it. */
export function marksOf({ metadata }: Pick<Part, 'metadata'>): readonly Mark[] | undefined {
  const marks: unknown = typeof metadata === 'object' && metadata !== null && Reflect.get(metadata, 'aiSdk')
  // Only this adapter writes under that name.
  return Array.isArray(marks) ? (marks as readonly Mark[]) : undefined
}

/** Returns the metadata of a part with these marks. */
export function withMarks(marks: readonly Mark[]): { readonly aiSdk: readonly Mark[] } {
  return { aiSdk: marks }
}

/** Returns the kind of chunk that carries the text of a part with these marks. */
export function deltaTypeOf(marks: readonly Mark[]): DeltaType | undefined {
  switch (marks[0]?.type) {
    case 'text-start':
      return 'text-delta'
    case 'reasoning-start':
      return 'reasoning-delta'
    case 'tool-input-start':
      return 'tool-input-delta'
    case undefined:
    default:
      return undefined
  }
}

export type DeltaType = 'text-delta' | 'reasoning-delta' | 'tool-input-delta'

/** The field of a delta that holds its text. */
export function deltaField(type: string): 'delta' | 'inputTextDelta' {
  return type === 'tool-input-delta' ? 'inputTextDelta' : 'delta'
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}
