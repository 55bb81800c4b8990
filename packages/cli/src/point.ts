import { isBefore } from '@streamdb/log'

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
