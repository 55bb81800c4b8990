import type { IssueCode } from '@streamdb/state'

/** An event that was not applied, and why. */
export interface InvalidEvent {
  readonly code: IssueCode
  /** JSON Pointer into the event. */
  readonly path: string
  readonly expected: string
  readonly received: string
  /** The schema's own words, where a schema refused the value. */
  readonly reason?: string | undefined
  readonly message: string
  /** The event as it came. In `db.issues`, an event of more than 16,384 characters is kept without its value. */
  readonly event: unknown
  /** Where the batch that held it ends. */
  readonly offset: string
}

/** What to do with an event that is none, or that its schema refuses. */
export type InvalidPolicy = 'skip' | 'fail' | ((issue: InvalidEvent) => 'skip' | 'fail' | undefined | void)
