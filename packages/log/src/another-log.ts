import { checkPosition } from './anchor.ts'
import type { ReaderTimes } from './backoff.ts'
import { compareEnd } from './compare-end.ts'
import { StreamDBError } from './errors.ts'
import type { Delivery, LogCursor } from './log-cursor.ts'
import type { Requests } from './requests.ts'
import { isIncarnation } from './stream-id.ts'

/** What it takes to tell whether the log at hand is the one that was read. */
export interface AnotherLogOptions {
  readonly requests: Requests
  readonly cursor: LogCursor
  readonly times: Pick<ReaderTimes, 'connectTimeout'>
  readonly signal: AbortSignal
}

/** Why the log may be another one since the response before. */
export interface Doubts {
  /** A response brought nothing new, or reading was resumed. */
  readonly isResumed: boolean
  /** Reading failed or stood still: a server may have been restarted with an older copy of its files. */
  readonly isBroken: boolean
}

/**
 * Tells by the first part of a response whether the log is another one than that which was read: some servers answer every
 * offset behind the log's end with an empty page, and one that was put back to an older copy, and written on since, answers
 * with what is no continuation of what was read.
 *
 * A response with news is checked after a break alone: that costs a request.
 */
export async function isAnotherLog(
  { items, first, complete, head }: Delivery,
  { isResumed, isBroken }: Doubts,
  { requests, cursor, times, signal }: AnotherLogOptions,
): Promise<boolean> {
  const { position, anchor } = cursor
  if (cursor.isAtStart || !(isResumed || isBroken || !cursor.isProven)) return false
  const isEmpty = complete && first + items.length === 0 && head.offset === position.offset
  const hasNews = isBroken && !isEmpty && first === 0
  if (!isEmpty && !hasNews) return false
  const options = { signal, timeout: times.connectTimeout }
  if (anchor !== undefined && position.partial === undefined) {
    const found = await checkPosition(requests, anchor, position.offset, options)
    if (found !== 'unknown') return found === 'other'
  }
  // A log that was restored, and is shorter than it was, has the ETags that it had.
  const isSame = isIncarnation(position.streamId) && position.streamId === head.streamId
  return isEmpty && !isSame && (await compareEnd(requests, position.offset, options)) === 'shorter'
}

/**
 * Tells the same of a response that could not be read: behind an older copy of the log the position may lie in the middle of
 * an event, where no page can be read.
 */
export async function isInsideAnother(
  error: unknown,
  { isBroken }: Doubts,
  { requests, cursor, times, signal }: AnotherLogOptions,
): Promise<boolean> {
  const { anchor, position } = cursor
  if (!isBroken || !(error instanceof StreamDBError) || anchor === undefined) return false
  const options = { signal, timeout: times.connectTimeout }
  return (await checkPosition(requests, anchor, position.offset, options)) === 'other'
}
