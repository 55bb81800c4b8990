import { isRecord } from './row.ts'

/** The law that an event breaks: `P1` its shape, `P2` its parts, `P4` its key, `C3` its collection's schema. */
export type IssueLaw = 'P1' | 'P2' | 'P4' | 'C3'

/** The parts of an issue. */
export interface IssueDetails {
  readonly law: IssueLaw
  /** JSON Pointer into the event (names as they are, not escaped); empty for the event itself. */
  readonly path: string
  readonly expected: string
  readonly received: string
  /** The event as it came. */
  readonly event: unknown
}

/** Says why an event was not applied. A value, not an error: input that we did not create never throws. */
export class StateIssue implements IssueDetails {
  declare readonly law: IssueLaw
  declare readonly path: string
  declare readonly expected: string
  declare readonly received: string
  declare readonly event: unknown

  constructor(details: IssueDetails) {
    Object.assign(this, details)
  }

  /** One sentence: where, expected and received. */
  get message(): string {
    return `Invalid event${this.path && ` at ${this.path}`}: expected ${this.expected} but received ${this.received}`
  }
}

/** Shows a value in a message: short, and without ever throwing. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (isRecord(value)) return 'an object'
  return (typeof value === 'string' ? JSON.stringify(value) : String(value)).slice(0, 60)
}
