import { isChangeEvent } from '@streamdb/state'
import type { ChangeEvent, StateEvent } from '@streamdb/state'
import type { Checkpoint } from '../batch-source.ts'
import { Scheduler } from '../scheduler.ts'
import { HistoryFold } from './history-fold.ts'
import { copyRows, countRows } from './past-rows.ts'
import type { PastRows } from './past-rows.ts'
import type { Mark, Segment, SegmentContent } from './segment.ts'

/** A segment has so many moves at least, and as many as there are rows: copies of rows never outnumber the moves. */
const leastMoves = 50_000
/** So many events are folded before the clock is looked at. */
const turnEvents = 2000

/** Where a builder begins. */
export interface BuilderStart {
  readonly from: Checkpoint
  /** Not changed. */
  readonly base: PastRows
  /** How many moves lie before it. */
  readonly start: number
  /** The latest time before it, in milliseconds since the epoch, where that is known. */
  readonly time?: number | undefined
  /** How many moves a segment has at least. */
  readonly leastMoves?: number | undefined
  /** An event that it refuses changes no row. */
  readonly accepts?: ((event: ChangeEvent) => boolean) | undefined
}

/** How events are added. */
export interface AddOptions {
  readonly isStamped: boolean
  readonly end?: string | undefined
  readonly until?: number | undefined
}

/** The event that was folded last, as far as it says whether a transaction ends behind it. */
interface LastEvent {
  readonly txid: string | undefined
  /** Where its append ends, where the server says so. */
  readonly stamp: string | undefined
  /** Where its response ends. */
  readonly responseEnd: string | undefined
  /** Nothing behind it is visible before the snapshot's end: what lies before is complete. */
  readonly isSnapshotStart: boolean
  /** It is the last of its response. */
  isLast: boolean
}

/** The segment that is being read. */
interface OpenSegment extends Segment {
  content: SegmentContent
}

/** Turns the events of a log into segments: what each event did to rows, and where transactions end. */
export class SegmentBuilder {
  readonly segments: Segment[] = []
  readonly #fold: HistoryFold
  readonly #scheduler = new Scheduler()
  readonly #leastMoves: number
  #segment: OpenSegment
  #last: LastEvent | undefined
  // Of the transaction that is being read.
  #timestamp: string | undefined
  #time: number | undefined
  #readTo: Checkpoint

  constructor({ from, base, start, time, leastMoves: least = leastMoves, accepts }: BuilderStart) {
    this.#leastMoves = least
    this.#fold = new HistoryFold(copyRows(base), accepts)
    this.#readTo = from
    this.#segment = this.#open(from, base, {
      ...{ at: start, offset: from.offset, end: from.offset, isFirst: true, time },
      ...{ txid: undefined, timestamp: undefined },
    })
  }

  /** The rows behind all events. */
  get rows(): PastRows {
    return this.#fold.rows
  }

  /** How many moves there are, counted through all segments. */
  get at(): number {
    return this.#segment.end
  }

  /**
   * Adds events of a response, as far as `until` moves. `end`: where the response ends, where all of them are given.
   * `isStamped`: the server says where the append of each ends.
   */
  async add(events: readonly StateEvent[], { end, isStamped, until = Infinity }: AddOptions): Promise<void> {
    for (const [index, event] of events.entries()) {
      if (this.at >= until) return
      this.#add(event, lastEventOf(event, isStamped, end))
      if (index % turnEvents === turnEvents - 1) await this.#scheduler.yieldIfDue()
    }
  }

  /** Where reading goes on behind what was added. */
  get readTo(): Checkpoint {
    return this.#readTo
  }

  /** Whether the last transaction may go on in what follows. */
  get isOpen(): boolean {
    return !this.#fold.isInsideSnapshot && this.#segment.content.marks.at(-1)?.at !== this.at
  }

  /** Says where the response ends whose events were added. */
  endResponse(checkpoint: Checkpoint): void {
    this.#readTo = checkpoint
    if (this.#last !== undefined) this.#last.isLast = true
  }

  /**
   * Ends reading inside a response, of which all events that end at `readTo` were added. `event` follows, and is not read:
   * it is of a transaction of its own, or of the last one.
   */
  stopBefore(event: StateEvent, readTo: Checkpoint): void {
    this.#readTo = readTo
    if (this.#last !== undefined && !this.#fold.isInsideSnapshot)
      this.#endOrGoOn(this.#last, lastEventOf(event, true, undefined))
  }

  /** Nothing follows for now: the last transaction is as complete as it is. */
  flush(): void {
    if (this.#last === undefined || this.#fold.isInsideSnapshot) return
    const { txid, responseEnd, stamp } = this.#last
    this.#mark(txid, responseEnd ?? stamp, true)
  }

  #add(event: StateEvent, next: LastEvent): void {
    if (this.#last !== undefined && !this.#fold.isInsideSnapshot) this.#endOrGoOn(this.#last, next)
    const { content } = this.#segment
    this.#fold.fold(event, content.moves)
    this.#segment.end = this.#segment.start + content.moves.length
    this.#last = next
    const { timestamp } = event.headers as Readonly<Record<string, unknown>> // as the log has them
    if (typeof timestamp !== 'string' || !isChangeEvent(event)) return
    const time = Date.parse(timestamp)
    if (Number.isNaN(time) || time < (this.#time ?? -Infinity)) return
    this.#time = time
    this.#timestamp = timestamp
  }

  /** Ends the last transaction where `next` is of another one. */
  #endOrGoOn(last: LastEvent, next: LastEvent): void {
    const { marks } = this.#segment.content
    if (goesOn(last, next)) {
      // The log's end was read before, and is inside of a transaction now.
      if (marks.length > 1 && marks.at(-1)?.at === this.at) {
        marks.pop()
        this.#segment.transactions--
      }
      return
    }
    const end = last.isLast ? last.responseEnd : (last.stamp ?? last.responseEnd)
    this.#mark(last.txid, end, last.isLast || (last.stamp !== undefined && last.stamp !== next.stamp))
    this.#timestamp = this.#time = undefined
    const mark = marks.at(-1)
    const { moves } = this.#segment.content
    if (
      mark === undefined ||
      mark.offset !== mark.end ||
      moves.length < Math.max(this.#leastMoves, countRows(this.#fold.rows))
    )
      return
    const from = { offset: mark.offset, streamId: this.#readTo.streamId }
    this.#segment = this.#open(from, copyRows(this.#fold.rows), mark)
  }

  /** Makes a mark: at `end`, or before it. */
  #mark(txid: string | undefined, end: string | undefined, isThere: boolean): void {
    const { marks } = this.#segment.content
    const last = marks.at(-1)
    if (last === undefined || last.at === this.at) return
    const [timestamp, time] = [this.#timestamp, this.#time]
    marks.push({
      ...{ at: this.at, offset: isThere ? (end ?? last.offset) : last.offset, end: end ?? last.offset },
      isFirst: false,
      ...{ txid, timestamp, time },
    })
    this.#segment.transactions++
    if (time !== undefined) this.#segment.latest = Math.max(time, this.#segment.latest ?? time)
  }

  #open(from: Checkpoint, base: PastRows, mark: Mark): OpenSegment {
    const content: SegmentContent = { moves: [], marks: [mark] }
    const at = mark.at
    const segment = { from, base, start: at, end: at, transactions: 0, latest: mark.time, content, used: 0 }
    this.segments.push(segment)
    return segment
  }
}

/** Tells whether `next` belongs to the transaction of `last`: it has its txid, or is of the same append without another one. */
function goesOn(last: LastEvent, next: LastEvent): boolean {
  if (last.txid !== undefined && next.txid !== undefined) return last.txid === next.txid
  return last.stamp !== undefined && last.stamp === next.stamp && !last.isLast && !next.isSnapshotStart
}

function lastEventOf(event: StateEvent, isStamped: boolean, responseEnd: string | undefined): LastEvent {
  const { txid, offset } = event.headers as Readonly<Record<string, unknown>> // as the log has them
  return {
    txid: isChangeEvent(event) && typeof txid === 'string' ? txid : undefined,
    stamp: isStamped && typeof offset === 'string' ? offset : undefined,
    responseEnd,
    isSnapshotStart: !isChangeEvent(event) && event.headers.control === 'snapshot-start',
    isLast: false,
  }
}
