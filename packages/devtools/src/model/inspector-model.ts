import { decodeItem } from '@streamdb/log'
import { StateIssue } from '@streamdb/state'
import type { IssueDetails } from '@streamdb/state'
import { ConnectionLog } from './connection-log.ts'
import { EventStore } from './event-store.ts'
import type { IncomingBatch, StoreLimits } from './event-store.ts'
import { findConflict } from './find-conflicts.ts'
import { InvalidLog } from './invalid-log.ts'
import type { LoggedIssue } from './invalid-log.ts'
import { RowFold } from './row-fold.ts'
import type { RowsAt } from './row-fold.ts'
import { Timeline } from './timeline.ts'
import type { RunLater } from './timeline.ts'
import { WritesLog } from './writes-log.ts'
import type { WriteReport } from './writes-log.ts'

/** What a model is made with. */
export interface InspectorModelOptions {
  readonly limits?: Partial<StoreLimits> | undefined
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** Runs a part of longer work later. Default: by `setTimeout`. */
  readonly runLater?: RunLater | undefined
}

/** Everything that the inspector knows of one stream. A feed tells it what happens; it knows neither databases nor React. */
export class InspectorModel {
  readonly store: EventStore
  readonly timeline: Timeline
  readonly writes: WritesLog = new WritesLog()
  readonly invalid: InvalidLog = new InvalidLog()
  readonly connection: ConnectionLog = new ConnectionLog()
  readonly #fold: RowFold
  readonly #now: () => number

  constructor({ limits, now = Date.now, runLater = later }: InspectorModelOptions = {}) {
    this.store = new EventStore(limits)
    this.#fold = new RowFold(this.store)
    this.timeline = new Timeline(this.store, runLater)
    this.#now = now
  }

  now(): number {
    return this.#now()
  }

  /** Adds a batch of the log, whose invalid events are reported by `noteInvalid`. */
  addBatch({
    items,
    offset,
    time = this.#now(),
  }: Omit<IncomingBatch, 'time'> & { readonly time?: number }): void {
    const from = this.store.end
    this.store.append({ items, offset, time }, this.writes.isOwn)
    if (this.writes.list().length > 0) this.#findConflicts(from)
  }

  /** Adds a batch, and finds its invalid events. */
  addUnchecked(batch: Omit<IncomingBatch, 'time'> & { readonly time?: number }): void {
    const from = this.store.end
    this.addBatch(batch)
    for (const [index, item] of batch.items.entries()) {
      const issue = decodeItem(item)
      if (issue instanceof StateIssue) this.noteInvalidAt(from + index, issue, batch.offset)
    }
  }

  /** Notes that the event with this number was not applied. */
  noteInvalidAt(number: number, issue: StateIssue, offset: string): void {
    this.store.mark(number)
    this.#logInvalid(issue, { message: issue.message, offset, number })
  }

  /** Notes that an event was not applied: the newest one that is the issue's. */
  noteInvalid(issue: IssueDetails, message: string, offset: string): void {
    const number = this.store.markInvalid(issue.event)
    this.#logInvalid(issue, { message, offset, number })
  }

  #logInvalid(issue: IssueDetails, where: Pick<LoggedIssue, 'message' | 'offset' | 'number'>): void {
    const { code, path, expected, received, reason, event } = issue
    const facts = { code, path, expected, received, ...(reason !== undefined && { reason }) }
    this.invalid.note({ ...facts, ...where, event, time: this.#now() })
  }

  noteRestart(reason: string): void {
    this.store.appendRestart(reason, this.#now())
  }

  noteWrite(report: WriteReport): void {
    this.writes.note(report, this.#now())
  }

  /** Returns the rows as they stood before event `position`; of the newest, without one. Valid until the next call. */
  rowsAt(position: number = this.store.end): RowsAt {
    return this.#fold.at(position)
  }

  #findConflicts(from: number): void {
    for (let number = from; number < this.store.end; number++) {
      const event = this.store.get(number)
      if (event?.isOwn !== true || event.txid === undefined) continue
      const write = this.writes.get(event.txid)
      const conflict = write && findConflict(this.store, number, write)
      if (conflict !== undefined) this.writes.noteConflict(conflict)
    }
  }
}

function later(run: () => void): void {
  setTimeout(run, 0)
}
