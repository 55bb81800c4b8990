import type { Part } from '../rows.ts'
import { adapterName, parseJson, toChunk, without } from './chunk.ts'
import type { Chunk } from './chunk.ts'

/**
 * What a part remembers of the events that it was written from, so that they are given back as they were. The part is a piece
 * of the stream: an event that begins a text, the events with the text, and the one that ends it, with no other in between.
 */
export interface Segment {
  readonly open?: Chunk
  /** An event of the text, without its text; that of the first one. */
  readonly delta?: Chunk
  readonly close?: Chunk
  /** The fields of the events that repeat all of the text so far. */
  readonly grows?: readonly string[]
  /** The fields of `close` that hold the input of the call, which is in the part. */
  readonly inputs?: readonly string[]
  /** How much of the text is of these events, where the rest came later, among others. */
  readonly length?: number
}

/** Returns what a part remembers; nothing of a part that was not written from events. */
export function segmentOf({ metadata }: Pick<Part, 'metadata'>): Segment | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined
  const segment: unknown = Reflect.get(metadata, adapterName)
  // Written by this adapter alone.
  return typeof segment === 'object' && segment !== null ? segment : undefined
}

/** Returns the metadata of a part that remembers. */
export function toMetadata(segment: Segment): { readonly [adapterName]: Segment } {
  return { [adapterName]: segment }
}

/** The fields in which an adapter may repeat the whole text so far. */
const growing = ['content', 'args'] as const

/** Returns the fields of an event that repeat all of the text so far. */
export function growsOf(chunk: Chunk, text: string): readonly string[] {
  return growing.filter((field) => chunk[field] === text)
}

/** Returns the event of a piece of text: `from` and `to` are its place in the whole. */
export function toDelta(segment: Segment, text: string, from: number, to: number): Chunk | undefined {
  if (segment.delta === undefined) return undefined
  const whole = Object.fromEntries((segment.grows ?? []).map((field) => [field, text.slice(0, to)]))
  return { ...segment.delta, ...whole, delta: text.slice(from, to) }
}

/** Returns the end of a tool call without its input, where the part holds the same. */
export function packClose(close: Chunk, input: unknown): Pick<Segment, 'close' | 'inputs'> {
  const json = JSON.stringify(input)
  const isInput = (value: unknown): boolean => value !== undefined && JSON.stringify(value) === json
  const inputs: string[] = []
  let packed = close
  if (isInput(close['input'])) {
    inputs.push('input')
    packed = without(packed, 'input')
  }
  const metadata = asRecord(close['metadata'])
  const tanstack = asRecord(metadata?.['tanstack'])
  if (tanstack !== undefined && isInput(tanstack['input'])) {
    inputs.push('metadata.tanstack.input')
    const { input: _input, ...rest } = tanstack
    packed = { ...packed, metadata: { ...metadata, tanstack: rest } }
  }
  return inputs.length === 0 ? { close } : { close: packed, inputs }
}

/** Returns the end of a tool call as it was. */
export function unpackClose({ close, inputs = [] }: Segment, input: unknown): Chunk | undefined {
  if (close === undefined) return undefined
  let chunk = close
  if (inputs.includes('input')) chunk = { ...chunk, input }
  if (inputs.includes('metadata.tanstack.input')) {
    const metadata = asRecord(chunk['metadata'])
    chunk = {
      ...chunk,
      metadata: { ...metadata, tanstack: { ...asRecord(metadata?.['tanstack']), input } },
    }
  }
  return chunk
}

/** A tool's result as an event says it: a text; as JSON where it is JSON in its usual spelling. */
export function readResult(content: string): { readonly output: unknown; readonly isText: boolean } {
  const parsed = parseJson(content)
  return parsed !== undefined && JSON.stringify(parsed.value) === content
    ? { output: parsed.value, isText: false }
    : { output: content, isText: true }
}

/** What the part of an event says that is kept as it was. */
export interface RawMark {
  /** The event is the result of a call whose part holds the content: as text, or as the value of its JSON. */
  readonly result?: 'text' | 'json'
  /** That part. */
  readonly call?: string
}

/** Returns the event of a raw part; `outputOf` gives the output that a part of a tool call holds. */
export function toRawChunk(part: Part, outputOf: (part: string) => unknown): Chunk | undefined {
  if (part.kind !== 'raw' || part.name !== adapterName) return undefined
  // Written by this adapter alone.
  const chunk = toChunk(part.data as object)
  const { result, call = '' } = (segmentOf(part) ?? {}) as RawMark
  if (result === undefined) return chunk
  const output = outputOf(call)
  return { ...chunk, content: result === 'text' ? String(output) : JSON.stringify(output) }
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // An object's fields can be anything.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
