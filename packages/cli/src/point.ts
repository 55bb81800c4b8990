import { isBefore, start } from '@streamdb/log'
import { parseTime } from './parse-time.ts'

/** A point of a log. */
export type Point =
  | { readonly type: 'end' }
  /** Behind the events up to this offset. */
  | { readonly type: 'offset'; readonly offset: string }
  /** Before the first event that was written later, in milliseconds since the epoch. */
  | { readonly type: 'time'; readonly time: number }

/** What is known of an event: where it ends, when it was written, and where the response before it ended. */
export interface EventPosition {
  readonly stamp?: string | undefined
  readonly time?: number | undefined
  readonly offset?: string | undefined
}

/** Tells whether an event lies behind a point. Exact where the server stamps its events with their offsets. */
export function isPast(point: Point, { stamp, time, offset }: EventPosition): boolean {
  switch (point.type) {
    case 'end':
      return false
    case 'offset':
      if (stamp !== undefined) return isBefore(point.offset, stamp)
      return offset !== undefined && !isBefore(offset, point.offset)
    case 'time':
      return time !== undefined && time > point.time
  }
}

/** Reads a point: an offset, `start`, `end`, or a time as `parseTime` takes it. */
export function parsePoint(text: string): Point {
  if (text === 'end') return { type: 'end' }
  if (text === 'start') return { type: 'offset', offset: start }
  const isTime = /^\d{4}-\d\d-\d\d/.test(text) || /^\d+(\.\d+)?[smhd]$/.test(text)
  return isTime ? { type: 'time', time: parseTime(text) } : { type: 'offset', offset: text }
}
