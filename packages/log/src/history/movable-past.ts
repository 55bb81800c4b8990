import type { ChangeEvent } from '@streamdb/state'
import { findOffset, findStep } from './find-mark.ts'
import { findPoint } from './find-point.ts'
import { compareRows, countRows, putRow } from './past-rows.ts'
import type { PastRows } from './past-rows.ts'
import { changesOf, movesBetween, rowsAt } from './rows-between.ts'
import type { Mark } from './segment.ts'
import type { Timeline } from './timeline.ts'
import type { HistoryPoint, HistoryReadOptions, PastState, PastTransaction, RowMove } from './types.ts'

/** Runs what reads a timeline, one after the other; again where what was read proved void. */
export interface ReadingQueue {
  run<Value>(task: (signal: AbortSignal) => Promise<Value>, options: HistoryReadOptions): Promise<Value>
}

/** Where a past stands. */
interface Place {
  readonly mark: Mark
  readonly generation: number
  readonly changes: readonly RowMove[]
}

/** The rows at one place of a timeline, and then at another. */
export class MovablePast implements PastState {
  readonly #timeline: Timeline
  readonly #queue: ReadingQueue
  readonly #rows: PastRows
  #place: Place

  private constructor(timeline: Timeline, queue: ReadingQueue, rows: PastRows, place: Place) {
    this.#timeline = timeline
    this.#queue = queue
    this.#rows = rows
    this.#place = place
  }

  static async open(
    timeline: Timeline,
    queue: ReadingQueue,
    mark: Mark,
    signal: AbortSignal,
  ): Promise<MovablePast> {
    const rows = await rowsAt(timeline, mark.at, signal)
    return new MovablePast(timeline, queue, rows, await placeAt(timeline, mark, signal))
  }

  get offset(): string {
    return this.#place.mark.offset
  }

  get isExact(): boolean {
    const { offset, end } = this.#place.mark
    return offset === end
  }

  get transaction(): PastTransaction | undefined {
    const { mark, changes } = this.#place
    const { txid, timestamp, isFirst } = mark
    return isFirst ? undefined : { txid, timestamp, changes }
  }

  get behind(): number {
    return this.#count('behind')
  }

  get ahead(): number {
    return this.#count('ahead')
  }

  get types(): readonly string[] {
    return [...this.#rows.keys()]
  }

  get size(): number {
    return countRows(this.#rows)
  }

  get<Value = unknown>(type: string, key: string): Value | undefined {
    // The log does not say what a type's values are; the caller does.
    return this.#rows.get(type)?.get(key)?.value as Value | undefined
  }

  eventOf(type: string, key: string): ChangeEvent | undefined {
    return this.#rows.get(type)?.get(key)
  }

  eventsOf(type: string): ReadonlyMap<string, ChangeEvent> {
    return this.#rows.get(type) ?? new Map<string, ChangeEvent>()
  }

  getType<Value = unknown>(type: string): Map<string, Value> {
    const values = new Map<string, Value>()
    // As in `get`.
    for (const [key, { value }] of this.#rows.get(type) ?? []) values.set(key, value as Value)
    return values
  }

  moveTo(point: HistoryPoint, options: HistoryReadOptions = {}): Promise<readonly RowMove[]> {
    return this.#queue.run(
      (signal) => this.#move(() => findPoint(this.#timeline, point, signal), signal),
      options,
    )
  }

  step(transactions: number, options: HistoryReadOptions = {}): Promise<readonly RowMove[]> {
    const count = Math.trunc(transactions) || 0
    return this.#queue.run(
      (signal) => this.#move((at) => findStep(this.#timeline, at, count, signal), signal),
      options,
    )
  }

  async #move(find: (at: number) => Promise<Mark>, signal: AbortSignal): Promise<readonly RowMove[]> {
    const timeline = this.#timeline
    const { mark: from, generation } = this.#place
    const isKnown = generation === timeline.generation
    const mark = await find(isKnown ? from.at : (await findOffset(timeline, from.offset, signal)).at)
    const moves =
      generation === timeline.generation
        ? await movesBetween(timeline, this.#rows, { from: from.at, to: mark.at }, signal)
        : compareRows(this.#rows, await rowsAt(timeline, mark.at, signal))
    const place = await placeAt(timeline, mark, signal)
    // Nothing can fail any more.
    for (const { type, key, after } of moves) putRow(this.#rows, type, key, after)
    this.#place = place
    return moves
  }

  #count(which: 'behind' | 'ahead'): number {
    const { mark, generation } = this.#place
    return generation === this.#timeline.generation ? this.#timeline.countsAt(mark.at)[which] : 0
  }
}

async function placeAt(timeline: Timeline, mark: Mark, signal: AbortSignal): Promise<Place> {
  const changes = await changesOf(timeline, mark, signal)
  return { mark, generation: timeline.generation, changes }
}
