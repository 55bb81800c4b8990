import type { Checkpoint } from '../batch-source.ts'
import type { PastRows } from './past-rows.ts'
import type { RowMove } from './types.ts'

/** The end of a transaction: a place where a state may stand. */
export interface Mark {
  /** How many moves lie before it, counted through all segments. */
  readonly at: number
  /** Where reading can go on without missing an event behind the mark: the last such place. */
  readonly offset: string
  /** The first such place at the mark or behind it: the same where the mark lies at it. */
  readonly end: string
  /** What was read begins here. */
  readonly isFirst: boolean
  readonly txid: string | undefined
  /** The latest timestamp of its transaction, as the log has it, and in milliseconds since the epoch. */
  readonly timestamp: string | undefined
  readonly time: number | undefined
}

/** What was read of a segment. */
export interface SegmentContent {
  readonly moves: RowMove[]
  /** The first one is the segment's beginning, and so the end of the one before. */
  readonly marks: Mark[]
}

/** What stays of a segment that was dropped for memory: the marks at its beginning and at its end. */
export interface DroppedContent {
  readonly dropped: readonly [first: Mark, last: Mark]
}

/** A stretch of a log: the rows at its beginning, and what was done to them until its end. */
export interface Segment {
  /** Where it begins; the log can be read from here. */
  readonly from: Checkpoint
  /** The rows there. */
  readonly base: PastRows
  /** How many moves lie before it and before its end, counted through all segments. */
  start: number
  end: number
  /** How many transactions it has. */
  transactions: number
  /** The latest time in it, in milliseconds since the epoch. */
  latest: number | undefined
  /** What was dropped is read again when it is asked for. */
  content: SegmentContent | DroppedContent
  /** When it was asked for last, as a count. */
  used: number
}

export function isLoaded(content: Segment['content']): content is SegmentContent {
  return 'moves' in content
}

/** Returns the mark at a segment's beginning. */
export function firstMark({ content }: Segment): Mark | undefined {
  return isLoaded(content) ? content.marks[0] : content.dropped[0]
}

/** Returns the mark at its end. */
export function lastMark({ content }: Segment): Mark | undefined {
  return isLoaded(content) ? content.marks.at(-1) : content.dropped[1]
}

/** Returns how many of the marks lie at a place or before it. */
export function countUntil(marks: readonly Mark[], at: number): number {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle]?.at ?? Infinity) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** Drops what was read of a segment. */
export function drop(segment: Segment): void {
  const [first, last] = [firstMark(segment), lastMark(segment)]
  if (first !== undefined && last !== undefined) segment.content = { dropped: [first, last] }
}

/** Counts the moves of segments from another place on. */
export function shift(segments: readonly Segment[], by: number): void {
  for (const segment of segments) {
    segment.start += by
    segment.end += by
    if (!isLoaded(segment.content)) continue
    const { marks } = segment.content
    for (const [index, mark] of marks.entries()) marks[index] = { ...mark, at: mark.at + by }
  }
}

/** Makes one segment of each two that were dropped and lie side by side: with the rows at the beginning of the first. */
export function joinDropped(segments: Segment[]): void {
  for (let index = 0; index < segments.length - 1; index++) {
    const [a, b] = [segments[index], segments[index + 1]]
    if (a === undefined || b === undefined || isLoaded(a.content) || isLoaded(b.content)) continue
    const times = [a.latest, b.latest].filter((time) => time !== undefined)
    segments.splice(index, 2, {
      ...a,
      end: b.end,
      transactions: a.transactions + b.transactions,
      latest: times.length > 0 ? Math.max(...times) : undefined,
      content: { dropped: [a.content.dropped[0], b.content.dropped[1]] },
    })
  }
}
