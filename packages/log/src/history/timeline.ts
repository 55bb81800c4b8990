import { isBefore, start } from '../offsets.ts'
import type { SnapshotEntry } from '../snapshots/format.ts'
import { readSegments, Replaced } from './read-segments.ts'
import type { ReadSegmentsOptions } from './read-segments.ts'
import { SegmentBuilder } from './segment-builder.ts'
import { countUntil, drop, isLoaded, joinDropped, lastMark, shift } from './segment.ts'
import type { PastRows } from './past-rows.ts'
import type { HistoryBase } from './types.ts'
import type { Segment, SegmentContent } from './segment.ts'

/** What a timeline reads by. */
export interface TimelineOptions extends Pick<ReadSegmentsOptions, 'building'> {
  /** Returns what each reading works with. */
  readonly reading: () => ReadSegmentsOptions['reading']
  /** Finds the snapshots of the log, newest first; none where there are none, or they cannot be asked for. */
  readonly findSnapshots: (signal: AbortSignal) => Promise<readonly SnapshotEntry[]>
  /** A state that is known: what is behind it is read from there. */
  readonly base?: HistoryBase | undefined
  /** How many moves are kept in memory. */
  readonly mostMoves: number
}

/** Tells whether a snapshot lies before what is looked for. */
export type SuitsSnapshot = (entry: SnapshotEntry) => boolean

/** So many copies of rows are kept at most. */
const mostSegments = 64

/**
 * What was read of a log: segments, one behind the other, without a gap. Reads on at both ends; reads a segment again
 * that was dropped for memory.
 *
 * No method is to be called before the last one is done.
 */
export class Timeline {
  readonly #options: TimelineOptions
  // What was read before what the builder has.
  #earlier: Segment[] = []
  #builder: SegmentBuilder | undefined
  #snapshots: readonly SnapshotEntry[] = []
  #generation = 0
  #uses = 0

  constructor(options: TimelineOptions) {
    this.#options = options
  }

  /** Another one where places in the log, counted in moves, are no longer what they were. */
  get generation(): number {
    return this.#generation
  }

  get segments(): readonly Segment[] {
    return [...this.#earlier, ...(this.#builder?.segments ?? [])]
  }

  /** Where the log was read to. */
  get readTo(): string {
    return this.#builder?.readTo.offset ?? start
  }

  /** Tells whether all transactions are known that end at an offset or before. */
  reaches(offset: string): boolean {
    if (this.readTo === offset) return this.#builder?.isOpen === false
    return isBefore(offset, this.readTo)
  }

  /** Returns the segment that a place lies in; of two, the one that ends there. */
  segmentOf(at: number): Segment {
    const segment = this.segments.find(({ end }) => at <= end)
    if (segment === undefined) throw new Replaced('There is no such place in what was read')
    return segment
  }

  /** Returns what was read of a segment; reads it again, where it was dropped. */
  async contentOf(segment: Segment, signal: AbortSignal): Promise<SegmentContent> {
    segment.used = ++this.#uses
    if (isLoaded(segment.content)) return segment.content
    const { reading, building } = this.#options
    const [first, last] = segment.content.dropped
    const builder = new SegmentBuilder({ ...segment, ...building, leastMoves: Infinity })
    await readSegments({
      ...{ reading: { ...reading(), snapshots: false }, builder, signal },
      ...{ until: last.offset, untilMoves: segment.end },
    })
    const content = builder.segments[0]?.content
    if (content === undefined || !isLoaded(content) || builder.at !== segment.end) {
      this.clear()
      throw new Replaced('The log is not what it was')
    }
    const marks = content.marks.filter(({ at }) => at > segment.start && at < segment.end)
    segment.content = { moves: content.moves, marks: [first, ...marks, last] }
    this.#dropUnused(segment)
    return segment.content
  }

  /** Counts the transactions before and behind a place, of those that were read. */
  countsAt(at: number): { readonly behind: number; readonly ahead: number } {
    let [behind, ahead] = [0, 0]
    for (const { start: first, end, transactions, content } of this.segments) {
      if (end <= at) behind += transactions
      else if (first >= at || !isLoaded(content)) ahead += transactions
      else {
        // The first mark is the end of what lies before.
        const before = countUntil(content.marks, at) - 1
        behind += before
        ahead += transactions - before
      }
    }
    return { behind, ahead }
  }

  /** Makes sure that there are segments, and that they begin with the log or where a snapshot suits; reads until `offset`. */
  async reachBack(suits: SuitsSnapshot, offset: string | undefined, signal: AbortSignal): Promise<void> {
    const { base } = this.#options
    const mayUseBase = base !== undefined && offset !== undefined && !isBefore(offset, base.offset)
    const [first] = this.segments
    if (first?.from.offset === start) return
    if (mayUseBase && (first === undefined || first.from.offset === base.offset)) {
      if (first === undefined) await this.#beginAt(base, offset, signal)
      return
    }
    const entry = this.#snapshots.find((each) => each.offset === first?.from.offset)
    if (entry === undefined || !suits(entry)) await this.#load(suits, offset, signal)
  }

  /** Reads the log before what is there; does nothing where that begins with the log. */
  async readBack(signal: AbortSignal): Promise<void> {
    if (this.segments[0]?.from.offset !== start) await this.#load(() => true, undefined, signal)
  }

  /** Reads on at the end: to the log's end, or until all transactions are known that end at an offset or before. */
  async readOn(until: string | undefined, signal: AbortSignal): Promise<void> {
    const { reading, building } = this.#options
    const builder = this.#builder
    const { base } = this.#options
    if (builder === undefined)
      return base ? this.#beginAt(base, until, signal) : this.#load(() => true, until, signal)
    try {
      await readSegments({
        reading: { ...reading(), snapshots: false },
        ...{ builder, until, building, signal },
      })
    } catch (error) {
      if (!(error instanceof Replaced)) throw error
      this.clear()
      await this.#load(() => true, until, signal)
    }
    this.#dropUnused()
  }

  async #beginAt(base: HistoryBase, until: string | undefined, signal: AbortSignal): Promise<void> {
    const { reading, building } = this.#options
    const state = await base.state(signal)
    const rows: PastRows = new Map()
    for (const type of state.types) rows.set(type, new Map(state.eventsOf(type)))
    const from = { offset: base.offset }
    const builder = new SegmentBuilder({ ...building, from, base: rows, start: 0 })
    await readSegments({
      ...{ reading: { ...reading(), snapshots: false }, builder, until, building, signal },
    })
    this.#builder = builder
  }

  /** Forgets everything. */
  clear(): void {
    this.#earlier = []
    this.#builder = undefined
    this.#generation++
  }

  /** Reads from the nearest snapshot that suits, or from the log's beginning: until what is there already, or `offset`. */
  async #load(suits: SuitsSnapshot, offset: string | undefined, signal: AbortSignal): Promise<void> {
    const { reading, building, findSnapshots } = this.#options
    const snapshots = await findSnapshots(signal)
    const [next] = this.segments
    const before = next?.from.offset
    const entry = snapshots.find(
      (each) => suits(each) && (before === undefined || isBefore(each.offset, before)),
    )
    const options = reading()
    const given = typeof options.snapshots === 'object' ? options.snapshots : {}
    const builder = await readSegments({
      reading: { ...options, snapshots: entry !== undefined && { ...given, until: entry.offset } },
      ...{ building, signal, until: before ?? offset },
      timeOf(at) {
        const known = snapshots.find((each) => each.offset === at)
        return known && Date.parse(known.madeAt)
      },
    })
    const last = builder.segments.at(-1)
    const end = last && lastMark(last)
    if (next !== undefined && end !== undefined && end.offset === before && end.end === before) {
      shift(builder.segments, next.start - end.at)
      this.#earlier.unshift(...builder.segments)
    } else {
      if (next !== undefined) this.#generation++
      this.#earlier = []
      this.#builder = builder
    }
    this.#snapshots = snapshots
    this.#dropUnused()
  }

  /** Drops what was read of segments that were not asked for lately, where there is more than is to be kept. */
  #dropUnused(kept?: Segment): void {
    const last = this.segments.at(-1)
    const loaded = this.segments.filter(({ content }) => isLoaded(content))
    let moves = loaded.reduce((sum, { start: first, end }) => sum + end - first, 0)
    for (const segment of loaded.sort((a, b) => a.used - b.used)) {
      if (moves <= this.#options.mostMoves) break
      if (segment === last || segment === kept) continue
      moves -= segment.end - segment.start
      drop(segment)
    }
    // Each has a copy of the rows.
    if (this.segments.length > mostSegments)
      for (const list of [this.#earlier, this.#builder?.segments ?? []]) joinDropped(list)
  }
}
