import type { EventStore } from './event-store.ts'
import { effectCode } from './event-block.ts'

const restart = effectCode('restart')

/** Returns events as NDJSON, one a line, as they came; invalid ones among them. In parts of a thousand lines. */
export function* toNdjson(store: EventStore, numbers: Iterable<number> = allOf(store)): Generator<string> {
  let lines: string[] = []
  for (const number of numbers) {
    if (store.effectOf(number) === restart) continue
    lines.push(`${store.textOf(number)}\n`)
    if (lines.length < 1_000) continue
    yield lines.join('')
    lines = []
  }
  if (lines.length > 0) yield lines.join('')
}

function* allOf({ first, end }: EventStore): Generator<number> {
  for (let number = first; number < end; number++) yield number
}

/** What a file held. */
export interface ParsedLog {
  readonly items: readonly unknown[]
  /** The lines that are no JSON, by their numbers from 1; the first hundred. */
  readonly unreadable: readonly number[]
}

/** Reads NDJSON, or one JSON array. A line that is no JSON is skipped, and named. */
export function parseLog(text: string): ParsedLog {
  if (text.trimStart().startsWith('[')) {
    const whole = tryParse(text)
    if (Array.isArray(whole)) return { items: whole as unknown[], unreadable: [] } // JSON, by its brackets
  }
  const items: unknown[] = []
  const unreadable: number[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const item = tryParse(line)
    if (item !== undefined) items.push(item)
    else if (unreadable.length < 100) unreadable.push(index + 1)
  }
  return { items, unreadable }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
