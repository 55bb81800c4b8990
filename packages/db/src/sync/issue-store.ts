import { Listeners } from '@streamdb/log'
import type { Readable } from '../readable.ts'
import type { Reporter } from '../report.ts'
import type { InvalidEvent } from './invalid-event.ts'
import type { InvalidEvents } from './invalid-events.ts'
import type { NewerVersions } from './newer-versions.ts'
import type { UnknownTypes } from './unknown-types.ts'

/** What was read and could not be used. */
export interface IssueSummary {
  /** How many events were invalid, since the database was created; one that is read twice counts twice. */
  readonly total: number
  /** The last of them, oldest first: at most 100, and at most 262,144 characters in all. */
  readonly last: readonly InvalidEvent[]
  /** How many events were of types that no collection has, by type; the first 100 types. */
  readonly unknownTypes: ReadonlyMap<string, number>
  /** The newest version of the application that an event was written for, where that is newer than this one's. */
  readonly newerVersion?: number | undefined
}

/** Where what could not be used is counted. */
export interface IssueSources {
  readonly invalidEvents: InvalidEvents
  readonly unknownTypes: UnknownTypes
  readonly newerVersions: NewerVersions
}

/** Hands out what was read and could not be used. */
export class IssueStore implements Readable<IssueSummary> {
  readonly #sources: IssueSources
  readonly #listeners: Listeners
  #summary: IssueSummary | undefined
  #known = 0
  #notified = 0

  constructor(sources: IssueSources, reporter: Reporter) {
    this.#sources = sources
    this.#listeners = new Listeners((error) => reporter.report(error, 'A listener of the issues'))
  }

  readonly get = (): IssueSummary => {
    const { invalidEvents, unknownTypes, newerVersions } = this.#sources
    const { total, last } = invalidEvents
    if (this.#summary === undefined || this.#known !== this.#count()) {
      this.#known = this.#count()
      const { newest: newerVersion } = newerVersions
      const newer = newerVersion === undefined ? undefined : { newerVersion }
      this.#summary = { total, last, unknownTypes: new Map(unknownTypes.counts), ...newer }
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
    const { invalidEvents, unknownTypes, newerVersions } = this.#sources
    return invalidEvents.total + unknownTypes.total + (newerVersions.newest ?? 0)
  }
}
