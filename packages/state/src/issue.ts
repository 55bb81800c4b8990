/** The law that an event breaks: `P1` its shape, `P2` its parts, `P4` its key, `C3` its collection's schema. */
export type IssueLaw = 'P1' | 'P2' | 'P4' | 'C3'

/** The parts of an issue. */
export interface IssueDetails {
  readonly law: IssueLaw
  /** JSON Pointer into the event; empty for the event itself. */
  readonly path: string
  readonly expected: string
  readonly received: string
  /** The event as it came. */
  readonly event: unknown
}

/** Says why an event was not applied. A value, not an error: input that we did not create never throws. */
export class StateIssue {
  readonly law: IssueLaw
  readonly path: string
  readonly expected: string
  readonly received: string
  readonly event: unknown

  constructor(details: IssueDetails) {
    this.law = details.law
    this.path = details.path
    this.expected = details.expected
    this.received = details.received
    this.event = details.event
  }

  /** One sentence: where, expected and received. */
  get message(): string {
    const where = this.path === '' ? '' : ` at ${this.path}`
    return `Invalid event${where}: expected ${this.expected} but received ${this.received}`
  }
}

const longest = 60

/** Shows a value in a message: short, and without ever throwing. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value)
    case 'undefined':
      return 'nothing'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object'
    case 'function':
      return 'a function'
    case 'symbol':
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
  }
}
