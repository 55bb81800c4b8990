import { StreamDBError } from '../errors.ts'
import { isBefore } from '../offsets.ts'
import { Replaced } from './read-segments.ts'
import { countUntil, firstMark, lastMark } from './segment.ts'
import type { Mark, Segment } from './segment.ts'
import type { Timeline } from './timeline.ts'

/** Finds the last mark at an offset or before it. */
export async function findOffset(timeline: Timeline, offset: string, signal: AbortSignal): Promise<Mark> {
  await timeline.reachBack((entry) => !isBefore(offset, entry.offset), offset, signal)
  if (!timeline.reaches(offset)) await timeline.readOn(offset, signal)
  if (isBefore(timeline.readTo, offset)) {
    const what = `The log ends at ${timeline.readTo}, before the offset ${offset}`
    throw new StreamDBError('offset-beyond-end', `${what}: is it an offset of this stream?`)
  }
  for (const segment of [...timeline.segments].reverse()) {
    const first = firstMark(segment)
    if (first === undefined || isBefore(offset, first.end)) continue
    const { marks } = await timeline.contentOf(segment, signal)
    const mark = findLast(marks, ({ end }) => !isBefore(offset, end))
    if (mark !== undefined) return mark
  }
  throw new StreamDBError('offset-gone', `The log before the offset ${offset} can no longer be read`)
}

/** Finds the last mark before the first transaction that is later than a time, in milliseconds since the epoch. */
export async function findTime(timeline: Timeline, time: number, signal: AbortSignal): Promise<Mark> {
  const isLater = (at: number | undefined): boolean => at !== undefined && at > time
  await timeline.reachBack(({ madeAt }) => Date.parse(madeAt) <= time, undefined, signal)
  if (!timeline.segments.some(({ latest }) => isLater(latest))) await timeline.readOn(undefined, signal)
  const { segments } = timeline
  const segment = segments.find(({ latest }) => isLater(latest))
  if (segment === undefined) {
    if (
      segments.every(({ latest }) => latest === undefined) &&
      segments.some(({ start, end }) => start < end)
    ) {
      const what = 'no event of the log has a header "timestamp". Name an offset instead'
      throw new StreamDBError('time-unknown', `Cannot find the state at a time: ${what}`)
    }
    return endOf(segments)
  }
  const { marks } = await timeline.contentOf(segment, signal)
  const later = marks.findIndex((mark) => isLater(mark.time))
  return marks[Math.max(0, later - 1)] ?? endOf(segments)
}

/** Finds the mark at the log's end, as it is now. */
export async function findEnd(timeline: Timeline, signal: AbortSignal): Promise<Mark> {
  await timeline.readOn(undefined, signal)
  return endOf(timeline.segments)
}

/** Finds the last mark that `test` holds of, in what was read and behind it. */
export async function findLastMark(
  timeline: Timeline,
  test: (mark: Mark) => boolean,
  signal: AbortSignal,
): Promise<Mark | undefined> {
  await timeline.readOn(undefined, signal)
  for (const segment of [...timeline.segments].reverse()) {
    const { marks } = await timeline.contentOf(segment, signal)
    const found = findLast(marks, test)
    if (found !== undefined) return found
  }
  return undefined
}

/** Finds the mark so many transactions from a place, or the last one on the way. */
export async function findStep(
  timeline: Timeline,
  at: number,
  transactions: number,
  signal: AbortSignal,
): Promise<Mark> {
  let found = await markAt(timeline, at, signal)
  let left = Math.abs(transactions)
  // The mark at `at` is gone, as its transaction went on: the one before is a step away.
  if (found.at < at && transactions < 0) left--
  while (left > 0) {
    const marks = await (transactions > 0 ? marksBehind : marksBefore)(timeline, found.at, left, signal)
    const next = marks[Math.min(left, marks.length) - 1]
    if (next === undefined) break
    found = next
    left -= Math.min(left, marks.length)
  }
  return found
}

/** Returns the last mark at a place or before it. */
export async function markAt(timeline: Timeline, at: number, signal: AbortSignal): Promise<Mark> {
  const { marks } = await timeline.contentOf(timeline.segmentOf(at), signal)
  return marks[countUntil(marks, at) - 1] ?? endOf(timeline.segments)
}

/** Returns the next marks behind a place, so many at most, those of one segment; none at the log's end. */
async function marksBehind(
  timeline: Timeline,
  at: number,
  most: number,
  signal: AbortSignal,
): Promise<readonly Mark[]> {
  const find = async (): Promise<readonly Mark[]> => {
    for (const segment of timeline.segments) {
      if (segment.end <= at) continue
      const { marks } = await timeline.contentOf(segment, signal)
      const first = countUntil(marks, at)
      if (first < marks.length) return marks.slice(first, first + most)
    }
    return []
  }
  const known = await find()
  if (known.length > 0) return known
  const { generation } = timeline
  await timeline.readOn(undefined, signal)
  if (timeline.generation !== generation) throw new Replaced('The log is not what it was')
  return find()
}

/** Returns the marks before a place, so many at most, the nearest first: those of one segment. None at the log's beginning. */
async function marksBefore(
  timeline: Timeline,
  at: number,
  most: number,
  signal: AbortSignal,
): Promise<readonly Mark[]> {
  const find = async (): Promise<readonly Mark[]> => {
    for (const segment of [...timeline.segments].reverse()) {
      if (segment.start >= at) continue
      const { marks } = await timeline.contentOf(segment, signal)
      const end = countUntil(marks, at - 1)
      if (end > 0) return marks.slice(Math.max(0, end - most), end).reverse()
    }
    return []
  }
  const known = await find()
  if (known.length > 0) return known
  const { generation } = timeline
  await timeline.readBack(signal)
  if (timeline.generation !== generation) throw new Replaced('The log before was read from a new place')
  return find()
}

function endOf(segments: readonly Segment[]): Mark {
  const last = segments.at(-1)
  const mark = last && lastMark(last)
  if (mark === undefined) throw new Replaced('Nothing was read')
  return mark
}

function findLast(marks: readonly Mark[], suits: (mark: Mark) => boolean): Mark | undefined {
  for (let index = marks.length - 1; index >= 0; index--) {
    const mark = marks[index]
    if (mark !== undefined && suits(mark)) return mark
  }
  return undefined
}
