import { errorHelp } from './error-help.ts'

/** What went wrong; branch on this, never on the message. */
export type StateErrorCode =
  /** A collection's definition lacks a part, or has a wrong one. */
  | 'invalid-definition'
  /** Two collections claim one event type. */
  | 'duplicate-type'
  /** A collection's name cannot be used. */
  | 'reserved-name'
  /** An event helper was given neither a key nor a row that holds one. */
  | 'missing-key'
  /** A row's primary key is not the key that the event names. */
  | 'key-mismatch'
  /** The value is not an event of the State Protocol. */
  | 'invalid-event'

/** Reports a misuse of `@streamdb/state`, or input that could not be used. */
export class StateError extends Error {
  override readonly name = 'StateError'
  readonly code: StateErrorCode
  /** Where the documentation says what the code means, why it comes, and what to do. Printed with the stack. */
  readonly help: string

  constructor(code: StateErrorCode, message: string) {
    super(message)
    this.code = code
    this.help = errorHelp(this, `stateerror-${code}`)
  }
}

/** What an error's message says. */
export interface StateErrorDetails {
  /** What failed, and where: `Collection "users", primaryKey`. */
  readonly where: string
  readonly expected: string
  /** As `formatValue` formats it. */
  readonly received: string
  /** What to do: a sentence without its full stop. */
  readonly fix?: string | undefined
}

/** Creates an error whose message says what failed, what was expected and received, and what to do. */
export function stateError(code: StateErrorCode, details: StateErrorDetails): StateError {
  const { where, expected, received, fix } = details
  const message = `${where}: expected ${expected} but received ${received}`
  return new StateError(code, fix === undefined ? message : `${message}. ${fix}`)
}
