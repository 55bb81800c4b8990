import { start } from '@streamdb/log'
import type { StateRead } from '@streamdb/log'
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { CliError } from './cli-error.ts'
import type { Location } from './options.ts'
import { isPast } from './point.ts'
import type { Point } from './point.ts'
import type { Progress } from './progress.ts'
import { readLog, stampOf, timeOf } from './read-log.ts'
import type { Terminal } from './terminal.ts'

/** The rows of a log by type and key. */
export type Rows = ReadonlyMap<string, ReadonlyMap<string, unknown>>

/** The rows as they stood somewhere in a log. */
export interface Standing {
  readonly rows: Rows
  /** The offset behind the last event that counts. */
  readonly offset: string
  /** Nothing was left out. */
  readonly upToDate: boolean
  /** How many events count, and how many items were none. */
  readonly events: number
  readonly invalid: number
}

/** What is applied at once: a page of millions is not kept twice. */
const mostPending = 10_000

/** Reads a log once, and stops at points of it, one after another. */
export class RowsReader {
  readonly #reads: AsyncGenerator<StateRead, void>
  readonly #progress: Progress | undefined
  readonly #state = new MaterializedState()
  #pending: StateEvent[] = []
  // The event that lies behind the last point.
  #next: StateEvent | undefined
  #offset = start
  #isAtEnd = false
  #events = 0
  #invalid = 0
  #hasTime = false

  constructor(location: Location, terminal: Terminal, progress?: Progress) {
    this.#reads = readLog(location, { terminal })
    this.#progress = progress
  }

  /** Reads until a point, which does not lie before the last one. Throws `usage` for an offset behind the end. */
  async readUntil(point: Point): Promise<Standing> {
    if (this.#next !== undefined && !this.#take(this.#next, point)) return this.#standing()
    this.#next = undefined
    while (!this.#isAtEnd) {
      const { value: read, done = false } = await this.#reads.next()
      if (done || read === undefined) {
        this.#isAtEnd = true
        break
      }
      switch (read.type) {
        case 'event':
          if (!this.#take(read.event, point)) {
            this.#next = read.event
            return this.#standing()
          }
          break
        case 'invalid':
          this.#invalid++
          break
        case 'restart':
          this.#pending = []
          this.#state.clear()
          break
        case 'checkpoint':
          this.#offset = read.checkpoint.offset
          this.#progress?.update(this.#offset, this.#events)
      }
    }
    this.#assertReached(point)
    return this.#standing()
  }

  async stop(): Promise<void> {
    await this.#reads.return()
  }

  #take(event: StateEvent, point: Point): boolean {
    const stamp = stampOf(event)
    const time = timeOf(event)
    this.#hasTime ||= time !== undefined
    if (isPast(point, { stamp, time, offset: this.#offset })) return false
    this.#pending.push(event)
    this.#events++
    if (stamp !== undefined) this.#offset = stamp
    if (this.#pending.length >= mostPending) this.#apply()
    return true
  }

  #apply(): void {
    this.#state.applyBatch(this.#pending)
    this.#pending = []
  }

  #assertReached(point: Point): void {
    if (
      point.type === 'offset' &&
      isPast({ type: 'offset', offset: this.#offset }, { stamp: point.offset })
    ) {
      throw new CliError(
        'usage',
        `The offset "${point.offset}" lies behind the end of the stream, ${this.#offset}`,
        {
          remedy: '`streamdb tail STREAM --no-follow` shows the offsets',
        },
      )
    }
    if (point.type === 'time' && !this.#hasTime && this.#events > 0) {
      throw new CliError(
        'no-timestamps',
        'No event of the stream has a timestamp header: it cannot be shown at a time',
        {
          remedy: 'Use offsets; or write events with the header "timestamp", an RFC 3339 time',
        },
      )
    }
  }

  #standing(): Standing {
    this.#apply()
    const rows = new Map(this.#state.types.map((type) => [type, this.#state.getType(type)] as const))
    const upToDate = this.#isAtEnd
    return { rows, offset: this.#offset, upToDate, events: this.#events, invalid: this.#invalid }
  }
}
