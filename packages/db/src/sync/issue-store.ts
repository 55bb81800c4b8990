import { Listeners } from '../readable.ts'
import type { Readable } from '../readable.ts'
import type { Reporter } from '../report.ts'
import type { InvalidEvent } from './invalid-event.ts'
import type { InvalidEvents } from './invalid-events.ts'
import type { UnknownTypes } from './unknown-types.ts'

/** What was read and could not be used. */
export interface IssueSummary {
  /** How many events were invalid, since the database was created; one that is read twice counts twice. */
  readonly total: number
  /** The last of them, oldest first: at most 100, and at most 262,144 characters in all. */
  readonly last: readonly InvalidEvent[]
  /** How many events were of types that no collection has, by type; the first 100 types. */
  readonly unknownTypes: ReadonlyMap<string, number>
}

/** Hands out what was read and could not be used. */
export class IssueStore implements Readable<IssueSummary> {
  readonly #invalidEvents: InvalidEvents
  readonly #unknownTypes: UnknownTypes
  readonly #listeners: Listeners
  #summary: IssueSummary | undefined
  #known = 0
  #notified = 0

  constructor(invalidEvents: InvalidEvents, unknownTypes: UnknownTypes, reporter: Reporter) {
    this.#invalidEvents = invalidEvents
    this.#unknownTypes = unknownTypes
    this.#listeners = new Listeners(reporter, 'A listener of the issues')
  }

  readonly get = (): IssueSummary => {
    const { total, last } = this.#invalidEvents
    if (this.#summary === undefined || this.#known !== this.#count()) {
      this.#known = this.#count()
      this.#summary = { total, last, unknownTypes: new Map(this.#unknownTypes.counts) }
    }
    return this.#summary
  }

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Notifies listeners of issues that came since the last time; called once for a batch. */
  notify(): void {
    if (this.#notified === this.#count()) return
    this.#notified = this.#count()
    this.#listeners.notify()
  }

  #count(): number {
    return this.#invalidEvents.total + this.#unknownTypes.total
  }
}
