import { StreamDBError } from '../errors.ts'
import { isPlausibleOffset, start } from '../offsets.ts'
import { findOffset, findTime } from './find-mark.ts'
import type { Mark } from './segment.ts'
import type { Timeline } from './timeline.ts'
import type { HistoryPoint } from './types.ts'

/** Finds the mark of a point. */
export function findPoint(timeline: Timeline, point: HistoryPoint, signal: AbortSignal): Promise<Mark> {
  if (typeof point === 'string') {
    if (point === start || isPlausibleOffset(point)) return findOffset(timeline, point, signal)
    const what = `expected an offset of the stream but received ${JSON.stringify(point.slice(0, 60))}`
    return Promise.reject(new StreamDBError('offset-invalid', `Cannot find a state: ${what}`))
  }
  const { time } = Object(point) as { readonly time?: unknown } // callers without types
  const at = time instanceof Date ? time.getTime() : typeof time === 'string' ? Date.parse(time) : time
  if (typeof at === 'number' && !Number.isNaN(at)) return findTime(timeline, at, signal)
  const what = `expected an offset, or { time } as a Date, a date's text, or milliseconds since the epoch`
  return Promise.reject(new StreamDBError('offset-invalid', `Cannot find a state: ${what}`))
}
