import { show } from './issue.ts'

/** What went wrong; branch on this, never on the message. */
export type StateErrorCode =
  /** A collection's definition lacks a part, or has a wrong one. */
  | 'invalid-definition'
  /** Two collections claim one event type. */
  | 'duplicate-type'
  /** A collection's name is one that the database itself needs, or that JavaScript would misread. */
  | 'reserved-name'
  /** A schema answers with a promise; rows are validated synchronously. */
  | 'async-schema'
  /** An event helper was given neither a key nor a row that holds one. */
  | 'missing-key'
  /** A row's primary key is not the key that the event names. */
  | 'key-mismatch'
  /** An event that is none was applied. */
  | 'invalid-event'

/** Reports a misuse of `@streamdb/state`, or input that could not be used. */
export class StateError extends Error {
  override readonly name = 'StateError'
  readonly code: StateErrorCode

  constructor(code: StateErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Makes the error of a misuse: where, and what was expected there and what received. */
export function misuse(
  code: StateErrorCode,
  where: string,
  [expected, received]: readonly [string, unknown],
): StateError {
  return new StateError(code, `${where}: expected ${expected} but received ${show(received)}`)
}
