import { isControlEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import type { Checkpoint } from '../batch-source.ts'
import { StreamDBError } from '../errors.ts'
import { isBefore, start } from '../offsets.ts'
import { readState } from '../read-state.ts'
import type { ReadStateOptions } from '../read-state.ts'
import { parseHead } from '../snapshots/format.ts'
import { SegmentBuilder } from './segment-builder.ts'
import type { BuilderStart } from './segment-builder.ts'

/** How segments are built: as `BuilderStart` says. */
export type BuildingOptions = Pick<BuilderStart, 'leastMoves' | 'accepts'>

/** What is read, and how far. */
export interface ReadSegmentsOptions {
  /** What every reading of the stream works with. */
  readonly reading: Omit<ReadStateOptions, 'live' | 'from' | 'signal'>
  /** Goes on; without it, reading begins with a snapshot where `reading` allows that, or with the log. */
  readonly builder?: SegmentBuilder | undefined
  /** Stops as soon as all transactions are known that end at this offset or before. */
  readonly until?: string | undefined
  /** Stops after so many moves, counted through all segments. */
  readonly untilMoves?: number | undefined
  /** Returns the latest time before a snapshot that ends at an offset, in milliseconds. */
  readonly timeOf?: ((offset: string) => number | undefined) | undefined
  /** How segments are built. */
  readonly building?: BuildingOptions | undefined
  readonly signal: AbortSignal
}

/** Everything that was read is void: the stream is another one. */
export class Replaced extends Error {
  override readonly name = 'Replaced'
}

/** Reads on into segments; returns their builder. Throws `Replaced` where what `builder` has is void, and whatever else stops reading. */
export async function readSegments(options: ReadSegmentsOptions): Promise<SegmentBuilder> {
  const { reading, until, untilMoves = Infinity, timeOf, building, signal } = options
  let { builder } = options
  let events: StateEvent[] = []
  // An event behind `until` does not say so for sure: the response is read whole.
  let mayStop = true
  const begin = (from: Checkpoint, time?: number): SegmentBuilder =>
    (builder = new SegmentBuilder({ from, base: new Map(), start: 0, time, ...building }))
  try {
    for await (const read of readState({ ...reading, live: false, from: builder?.readTo, signal })) {
      switch (read.type) {
        case 'invalid':
          break
        case 'restart':
          if (options.builder !== undefined) throw new Replaced(read.why)
          builder = undefined
          events = []
          break
        case 'event': {
          const { event, checkpoint } = read
          if (events.length === 0 && !isSnapshotHead(event)) builder ??= begin(checkpoint)
          if (until !== undefined && builder !== undefined && mayStop && isBehind(event, until)) {
            mayStop = areStampedSince(events, event, checkpoint)
            if (mayStop) {
              await builder.add(events, { isStamped: true, until: untilMoves })
              const offset = stampOf(events.at(-1)) ?? checkpoint.offset
              builder.stopBefore(event, { ...checkpoint, offset })
              return builder
            }
          }
          events.push(event)
          break
        }
        case 'checkpoint': {
          const { checkpoint, upToDate } = read
          if (builder === undefined && events.length > 0) {
            builder = await beginWithSnapshot(events, checkpoint, timeOf?.(checkpoint.offset), building)
          } else {
            builder ??= begin({ offset: start, streamId: checkpoint.streamId })
            const { offset: end } = checkpoint
            await builder.add(events, { end, isStamped: areStamped(events, end), until: untilMoves })
            builder.endResponse(checkpoint)
          }
          events = []
          mayStop = true
          if (upToDate) builder.flush()
          const isEnough = until !== undefined && isBefore(until, checkpoint.offset)
          if (upToDate || isEnough || builder.at >= untilMoves) return builder
        }
      }
    }
  } catch (error) {
    throw isGone(error) ? goneError(error) : error
  }
  // A stream that is closed ends so as well.
  builder ??= begin({ offset: start })
  builder.flush()
  return builder
}

/** Makes the rows of a snapshot those of the first segment. */
async function beginWithSnapshot(
  events: readonly StateEvent[],
  checkpoint: Checkpoint,
  time: number | undefined,
  building: BuildingOptions | undefined,
): Promise<SegmentBuilder> {
  const fresh = { base: new Map(), start: 0 }
  const snapshot = new SegmentBuilder({ from: checkpoint, ...fresh, ...building, leastMoves: Infinity })
  await snapshot.add(events, { isStamped: false })
  return new SegmentBuilder({ from: checkpoint, base: snapshot.rows, start: 0, time, ...building })
}

/** The first item of a snapshot beside the log says so; one of the log itself does not. */
function isSnapshotHead(event: StateEvent): boolean {
  return isControlEvent(event) && parseHead(event) !== undefined
}

function isBehind(event: StateEvent, until: string): boolean {
  const stamp = stampOf(event)
  return stamp !== undefined && isBefore(until, stamp)
}

/** Tells whether the server stamps the events of a response, as far as it was read: those `before`, and `event`. */
function areStampedSince(before: readonly StateEvent[], event: StateEvent, { offset }: Checkpoint): boolean {
  const stamp = stampOf(event)
  if (stamp === undefined || (offset !== start && offset.length !== stamp.length)) return false
  return areStamped(before, stamp)
}

/** Tells whether the server stamped all events with its offsets, as it did where they rise, and none is behind the end. */
function areStamped(events: readonly StateEvent[], end: string): boolean {
  let last = start
  for (const event of events) {
    const stamp = stampOf(event)
    if (stamp === undefined || stamp.length !== end.length || isBefore(stamp, last)) return false
    last = stamp
  }
  return last === start || !isBefore(end, last)
}

function stampOf(event: StateEvent | undefined): string | undefined {
  const offset: unknown = event?.headers.offset // a header like any other
  return typeof offset === 'string' ? offset : undefined
}

function isGone(error: unknown): error is StreamDBError {
  return error instanceof StreamDBError && error.status === 410
}

function goneError(cause: StreamDBError): StreamDBError {
  const what = 'The server no longer has this part of the log, and there is no snapshot before it'
  return new StreamDBError('offset-gone', `${what}: ${cause.message}`, {
    cause,
    status: 410,
    body: cause.body,
  })
}
