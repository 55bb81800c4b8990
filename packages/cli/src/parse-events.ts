import { decodeStateEvent, StateIssue } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'

/** An event that was given to be written. */
export interface GivenEvent {
  readonly event: StateEvent
  /** Where it stands: `line 3`. */
  readonly where: string
}

/** What a text holds: events, and what is none of them. */
export interface ParsedEvents {
  readonly events: readonly GivenEvent[]
  /** A line each: where, and what was expected. */
  readonly faults: readonly string[]
}

/** An item of a text: a JSON value, or why there is none. */
type Item = { readonly line: number } & ({ readonly value: unknown } | { readonly fault: string })

/**
 * Reads events from JSON (an object, or an array of them) or NDJSON (one a line), and checks each. Never throws.
 *
 * `source`: what comes before `line 3` in messages, such as `argument 2, `.
 */
export function parseEvents(text: string, source = ''): ParsedEvents {
  const events: GivenEvent[] = []
  const faults: string[] = []
  for (const item of itemsOf(text.replace(/^\uFEFF/, ''))) {
    const where = `${source}line ${item.line}`
    if ('fault' in item) {
      faults.push(`${where}: ${item.fault}`)
      continue
    }
    const event = decodeStateEvent(item.value)
    if (event instanceof StateIssue) faults.push(`${where}: ${event.message}`)
    else events.push({ event, where })
  }
  return { events, faults }
}

function itemsOf(text: string): Item[] {
  const lines = text.split('\n')
  const first = lines.find((line) => line.trim() !== '')
  if (first === undefined) return []
  // The first line alone says what it is: a whole value, or the beginning of one that goes over several.
  return isJson(first) ? lines.flatMap(itemsOfLine) : itemsOfDocument(text)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function itemsOfLine(text: string, index: number): Item[] {
  const line = index + 1
  if (text.trim() === '') return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.map((each: unknown) => ({ line, value: each })) : [{ line, value }]
  } catch (error) {
    return [{ line, fault: `Expected one JSON object a line but received ${reason(error)}` }]
  }
}

function itemsOfDocument(text: string): Item[] {
  try {
    const value: unknown = JSON.parse(text)
    const lines = elementLines(text)
    if (Array.isArray(value))
      return value.map((each: unknown, index) => ({ line: lines[index] ?? 1, value: each }))
    return [{ line: lineOf(text, text.search(/\S/)), value }]
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line = lineOf(text, position === undefined ? text.trimEnd().length : Number(position))
    return [{ line, fault: `Expected JSON, or one JSON object a line, but received ${reason(error)}` }]
  }
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `something else (${message})`
}

/** Returns the line on which each element of the array begins that a valid JSON text is. */
export function elementLines(text: string): number[] {
  const lines: number[] = []
  let line = 1
  let depth = 0
  let isExpected = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '\n') line++
    if (character === undefined || /\s/.test(character)) continue
    if (isExpected && depth === 1 && character !== ']') {
      lines.push(line)
      isExpected = false
    }
    if (character === '"') index = endOfString(text, index)
    else if (character === '[' || character === '{') {
      depth++
      if (depth === 1) isExpected = true
    } else if (character === ']' || character === '}') depth--
    else if (character === ',' && depth === 1) isExpected = true
  }
  return lines
}

function endOfString(text: string, from: number): number {
  for (let index = from + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === '"') return index
  }
  return text.length
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}
