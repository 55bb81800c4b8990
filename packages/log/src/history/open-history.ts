import type { ChangeEvent } from '@streamdb/state'
import type { BatchSource } from '../batch-source.ts'
import { defaultTimes } from '../backoff.ts'
import { StreamDBError } from '../errors.ts'
import { withLinkedSignal } from '../link-signals.ts'
import type { ReadStateOptions } from '../read-state.ts'
import { createIndexFinder } from '../snapshots/snapshot-finder.ts'
import { createSnapshotRequests } from '../snapshots/snapshot-requests.ts'
import { resolveIndexUrl } from '../snapshots/snapshot-source.ts'
import { openStream } from '../stream-options.ts'
import { findEnd, findLastMark } from './find-mark.ts'
import { findPoint } from './find-point.ts'
import { MovablePast } from './movable-past.ts'
import type { ReadingQueue } from './movable-past.ts'
import { Replaced } from './read-segments.ts'
import { rowDifference } from './row-difference.ts'
import { movesBetween, rowsAt } from './rows-between.ts'
import type { Mark } from './segment.ts'
import { Timeline } from './timeline.ts'
import type { TimelineOptions } from './timeline.ts'
import type {
  HistoryBase,
  HistoryPoint,
  HistoryReadOptions,
  PastState,
  RowDifference,
  StreamHistory,
} from './types.ts'

/** What a history reads, and how much of it is kept. */
export interface HistoryOptions extends Omit<ReadStateOptions, 'live' | 'from' | 'signal' | 'source'> {
  /** Where batches come from instead of `url`, such as a recorded log: called for each reading, from `start` to its end. */
  readonly createSource?: (() => BatchSource) | undefined
  /**
   * How many events are kept in memory, about; what lies further from where it was asked for last is read again when it is
   * asked for. Default 1,000,000.
   */
  readonly keep?: number | undefined
  /** Refuses events: they change no row. */
  readonly accepts?: ((event: ChangeEvent) => boolean) | undefined
  /** A state that is known. */
  readonly base?: HistoryBase | undefined
  /** How many events lie between two kept copies of the rows, at least. Default 50,000. */
  readonly checkpointEvery?: number | undefined
}

/**
 * Opens the past of a stream: its rows as they stood at any offset, without any database. Nothing is read yet.
 *
 * Reading begins at the nearest snapshot before what is asked for (`snapshots`, by default `true`; one request where there
 * is none), and what was read is kept: each event with the row that it replaced, so that a step in either direction costs
 * as much as its transaction has events, and a jump no more than a copy of the rows and the events since a kept copy.
 * Throws `invalid-options`.
 *
 * @example
 * ```ts
 * const history = openHistory({ url })
 * const past = await history.at({ time: '2026-11-27T12:00:00Z' })
 * past.get('user', '1')
 * await past.step(-1)
 * await history.diff(past.offset, (await history.end()).offset)
 * ```
 */
export function openHistory(options: HistoryOptions): StreamHistory {
  return new History(options)
}

class History implements StreamHistory, ReadingQueue {
  readonly #closing = new AbortController()
  readonly #timeline: Timeline
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: HistoryOptions) {
    this.#timeline = new Timeline(timelineOptions(options))
  }

  at(point: HistoryPoint, options: HistoryReadOptions = {}): Promise<PastState> {
    return this.#open((signal) => findPoint(this.#timeline, point, signal), options)
  }

  end(options: HistoryReadOptions = {}): Promise<PastState> {
    return this.#open((signal) => findEnd(this.#timeline, signal), options)
  }

  diff(
    from: HistoryPoint,
    to: HistoryPoint,
    options: HistoryReadOptions = {},
  ): Promise<readonly RowDifference[]> {
    return this.run(async (signal) => {
      const timeline = this.#timeline
      // The earlier one may begin what is read anew.
      await findPoint(timeline, from, signal)
      const last = await findPoint(timeline, to, signal)
      const first = await findPoint(timeline, from, signal)
      const rows = await rowsAt(timeline, first.at, signal)
      const moves = await movesBetween(timeline, rows, { from: first.at, to: last.at }, signal)
      const differences = moves.map(rowDifference).filter((each) => each !== undefined)
      return differences.sort((a, b) => compareText(a.type, b.type) || compareText(a.key, b.key))
    }, options)
  }

  findLast(
    test: Parameters<StreamHistory['findLast']>[0],
    options: HistoryReadOptions = {},
  ): Promise<PastState | undefined> {
    return this.run(async (signal) => {
      const mark = await findLastMark(this.#timeline, test, signal)
      return mark && MovablePast.open(this.#timeline, this, mark, signal)
    }, options)
  }

  close(): void {
    this.#closing.abort(new StreamDBError('closed', 'Cannot read: the history was closed'))
    this.#timeline.clear()
  }

  run<Value>(
    task: (signal: AbortSignal) => Promise<Value>,
    { signal: given }: HistoryReadOptions,
  ): Promise<Value> {
    const result = this.#queue.then(() =>
      withLinkedSignal([given, this.#closing.signal], (signal) => readAgainWhereReplaced(task, signal)),
    )
    this.#queue = result.catch(() => undefined)
    return result
  }

  #open(find: (signal: AbortSignal) => Promise<Mark>, options: HistoryReadOptions): Promise<PastState> {
    return this.run(
      async (signal) => MovablePast.open(this.#timeline, this, await find(signal), signal),
      options,
    )
  }
}

async function readAgainWhereReplaced<Value>(
  task: (signal: AbortSignal) => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await task(signal)
    } catch (error) {
      if (!(error instanceof Replaced)) throw error
      if (attempt < 4) continue
      throw new StreamDBError('stream-failed', 'The stream is replaced again and again', { cause: error })
    }
  }
}

function timelineOptions({ createSource, keep = 1_000_000, ...options }: HistoryOptions): TimelineOptions {
  const { checkpointEvery: leastMoves, accepts, base, snapshots = true, ...rest } = options
  const building = { leastMoves, accepts }
  const reading = { ...rest, snapshots }
  if (createSource !== undefined) {
    return {
      ...{ building, base, mostMoves: keep },
      reading: () => ({ ...rest, source: createSource() }),
      findSnapshots: () => Promise.resolve([]),
    }
  }
  const { url = '', headers, params, fetch, redirects, retry } = options
  const times = { ...defaultTimes, ...retry }
  const given = { url, ...(headers && { headers }), ...(params && { params }), ...(fetch && { fetch }) }
  const opened = openStream({ ...given, redirects, warnOnHttp: false }, times)
  const { index, until } = typeof snapshots === 'object' ? snapshots : {}
  const find = createIndexFinder({
    ...{ requestsOn: createSnapshotRequests(opened), until, timeout: times.connectTimeout },
    index: resolveIndexUrl(opened.stream.url, index),
  })
  return {
    ...{ building, base, mostMoves: keep },
    reading: () => reading,
    async findSnapshots(signal) {
      if (snapshots === false) return []
      // Where the index cannot be read, the log can be: from its beginning.
      return find(signal).catch(() => {
        signal.throwIfAborted()
        return []
      })
    },
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
