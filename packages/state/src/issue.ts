/** What is wrong with an event. */
export type IssueCode =
  /** It is neither a change nor a control (SPEC P1). */
  | 'not-an-event'
  /** Its type, key or value is missing or unusable (SPEC P2). */
  | 'missing-part'
  /** It is nested deeper than `eventLimits.depth`. */
  | 'too-deep'
  /** It holds more text than `eventLimits.characters`. */
  | 'too-large'
  /** Reading cannot continue at a reset's offset (SPEC M4): it counts as a reset without one. */
  | 'unusable-offset'
  /** The row's primary key is not the event's key (SPEC P4). */
  | 'key-mismatch'
  /** The collection's schema refuses the value, or returns no object (SPEC C3). */
  | 'schema'
  /** The collection's schema returns a promise; rows are validated synchronously. */
  | 'async-schema'
  /** The application's `migrate` threw, or returned a promise (SPEC V4). */
  | 'migration'

/** The parts of an issue. */
export interface IssueDetails {
  readonly code: IssueCode
  /** JSON Pointer into the event (names as they are, not escaped); empty for the event itself. */
  readonly path: string
  readonly expected: string
  readonly received: string
  /** The schema's own words, where a schema refused the value; those of what `migrate` threw. */
  readonly reason?: string | undefined
  /** The event as it came. */
  readonly event: unknown
}

/** Says why an event was not applied. A value, not an error: input that we did not create never throws. */
export class StateIssue implements IssueDetails {
  declare readonly code: IssueCode
  declare readonly path: string
  declare readonly expected: string
  declare readonly received: string
  declare readonly reason?: string | undefined
  declare readonly event: unknown

  constructor(details: IssueDetails) {
    Object.assign(this, details)
  }

  /** One sentence: where, and the schema's own words or what was expected and received. */
  get message(): string {
    const where = `Invalid event${this.path && ` at ${this.path}`}`
    const who = this.code === 'migration' ? 'migrate threw' : 'the schema refused the value'
    if (this.reason !== undefined) return `${where}: ${who}: ${this.reason}`
    return `${where}: expected ${this.expected} but received ${this.received}`
  }
}
