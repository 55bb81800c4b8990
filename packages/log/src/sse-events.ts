import { StreamDBError } from './errors.ts'
import { parseItems } from './json-array-parser.ts'
import { NdjsonItems } from './ndjson-parser.ts'
import type { PageHead } from './page-head.ts'
import { maxLiveEvent } from './too-large-item.ts'

/** The content of a live connection up to a control event: the items before it, and their end offset. */
export interface LiveBatch {
  readonly items: readonly unknown[]
  readonly head: Pick<PageHead, 'offset' | 'upToDate' | 'closed' | 'cursor' | 'streamId'>
}

/**
 * Parses server-sent events, whole ones, into the batches that their control events end.
 *
 * Returns what parses the next text: data without its control event waits for it, and is never delivered without. It throws
 * where more than `limit` characters of data wait.
 */
export function sseParser(limit: number = maxLiveEvent): (text: string) => LiveBatch[] {
  let data: string[] = []
  let size = 0
  return (text) => {
    const batches: LiveBatch[] = []
    for (const event of text.split('\n\n')) {
      const { type, json } = parseEvent(event)
      if (type === 'data') {
        data.push(json)
        size += json.length
        if (size > limit) throw tooLargeLiveEvent(limit)
      }
      if (type !== 'control') continue
      batches.push({ items: data.flatMap(itemsOf), head: parseControl(json) })
      data = []
      size = 0
    }
    return batches
  }
}

/** A live connection delivers more data without an offset than is buffered: it is closed, and pages are read. */
export function tooLargeLiveEvent(limit: number): StreamDBError {
  const what = `A live event is larger than ${limit} characters, or does not end`
  return new StreamDBError('unreachable', `${what}: it is read by page`)
}

/** Returns the type of a server-sent event, and its data. */
export function parseEvent(event: string): { type: string | undefined; json: string } {
  let type: string | undefined
  const data: string[] = []
  for (const line of event.split('\n')) {
    if (line.startsWith('event:')) type = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5))
  }
  return { type, json: data.join('\n') }
}

function itemsOf(json: string): readonly unknown[] {
  try {
    return parseItems(json)
  } catch (cause) {
    const lines = parseLines(json)
    if (lines !== undefined) return lines
    throw new StreamDBError('unreachable', `A live event is not JSON: ${String(cause)}`, { cause })
  }
}

function parseControl(json: string): LiveBatch['head'] {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    throw new StreamDBError('unreachable', `A control event is not JSON: ${String(cause)}`, { cause })
  }
  const control = Object(parsed) as Readonly<Record<string, unknown>> // whatever it is, its fields are looked at
  const text = (name: string): string | undefined => {
    const value = control[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    offset: text('streamNextOffset'),
    upToDate: control['upToDate'] === true,
    closed: control['streamClosed'] === true,
    cursor: text('streamCursor'),
    streamId: text('streamIncarnation'),
  }
}

/** Servers that answer newline-delimited JSON may send it in events as well. */
function parseLines(text: string): readonly unknown[] | undefined {
  if (!text.includes('\n')) return undefined
  try {
    const parser = new NdjsonItems()
    return [...parser.push(new TextEncoder().encode(text)), ...parser.finish()]
  } catch {
    return undefined
  }
}
