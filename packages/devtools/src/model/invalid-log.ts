import { Listeners } from '@streamdb/log'
import type { IssueDetails } from '@streamdb/state'

/** An event that was not applied, and why. */
export interface LoggedIssue extends Omit<IssueDetails, 'event'> {
  readonly message: string
  /** The event as it came. */
  readonly event: unknown
  /** Where its batch ends in the log. */
  readonly offset: string
  readonly time: number
  /** Its number in the store, where that has it. */
  readonly number: number | undefined
}

/** So many are kept. */
const kept = 1_000

/** The events that were not applied. */
export class InvalidLog {
  readonly #listeners = new Listeners(() => undefined)
  #issues: readonly LoggedIssue[] = []
  #total = 0

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Newest first, at most 1,000; the same array until there is more. Bound. */
  readonly list = (): readonly LoggedIssue[] => this.#issues

  /** How many there were. */
  get total(): number {
    return this.#total
  }

  note(issue: LoggedIssue): void {
    this.#total++
    this.#issues = [issue, ...this.#issues].slice(0, kept)
    this.#listeners.notify()
  }
}
