import type { IssueCode, StateIssue } from '@streamdb/state'

/** An event that was not applied, and why. */
export interface InvalidEvent {
  readonly code: IssueCode
  /** JSON Pointer into the event. */
  readonly path: string
  readonly expected: string
  readonly received: string
  readonly message: string
  readonly event: unknown
  /** Where the batch that held it ends. */
  readonly offset: string
}

/** What was read and could not be used. */
export interface IssueSummary {
  /** Invalid events in all. */
  readonly total: number
  /** The last of them, oldest first; bounded. */
  readonly last: readonly InvalidEvent[]
  /** Events of types that no collection claims, counted by type; bounded. */
  readonly unknownTypes: ReadonlyMap<string, number>
}

const most = 100

/** Counts what could not be used, and keeps the last of it. */
export class Issues {
  #total = 0
  #last: InvalidEvent[] = []
  readonly #unknownTypes = new Map<string, number>()

  add(issue: StateIssue, offset: string): InvalidEvent {
    const { code, path, expected, received, event } = issue
    const message = `${issue.message} (offset ${offset})`
    const invalid = { code, path, expected, received, message, event, offset }
    this.#total++
    this.#last.push(invalid)
    if (this.#last.length > most) this.#last.shift()
    return invalid
  }

  countUnknown(type: string): void {
    const count = this.#unknownTypes.get(type)
    // A log of made-up types must not fill the memory.
    if (count === undefined && this.#unknownTypes.size >= most) return
    this.#unknownTypes.set(type, (count ?? 0) + 1)
  }

  get summary(): IssueSummary {
    return { total: this.#total, last: [...this.#last], unknownTypes: new Map(this.#unknownTypes) }
  }
}
