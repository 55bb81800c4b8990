import type { ChangeEvent } from '@streamdb/state'

/** What a person or a process may do in a session. */
export type SessionRole = 'owner' | 'member' | 'agent' | 'viewer'

/** Why a write was refused; branch on this, never on the message. */
export type SessionRefusalCode =
  /** The user takes no part in this session. */
  | 'no-role'
  /** Nobody with this role writes that. */
  | 'role-forbids'
  /** The row would say that somebody else wrote it. */
  | 'another-name'
  /** The row is somebody else's. */
  | 'not-yours'
  /** A field was changed that stays what it was. */
  | 'fixed-field'
  /** The key belongs to something else. */
  | 'key-taken'
  /** The row names another row that is not there, or does not fit it. */
  | 'unknown-row'
  /** The run has ended, or another process holds it by now. */
  | 'run-over'
  /** Rows of this type are not written to this stream. */
  | 'unknown-type'

/** A refusal, as the write gateway answers it. */
export interface SessionRefusal {
  readonly code: SessionRefusalCode
  readonly message: string
  /** The field that is at fault, as a JSON pointer into the event. */
  readonly path?: string
}

/** What a rule returns, as the write gateway takes it: `true` allows. */
export type SessionDecision = true | SessionRefusal

/** The rows as they are before an event, those of earlier events of the same request among them. */
export interface PolicyRows {
  get(type: string, key: string): unknown
  /** The rows of a type with their keys: tool calls are not found by theirs. */
  entries(type: string): Iterable<readonly [key: string, row: unknown]>
}

/** An event that is to be written, and by whom. */
export interface WriteContext<User> {
  readonly event: ChangeEvent
  /** The row of its key before it; absent where there is none. */
  readonly row?: unknown
  readonly user: User
  /** The stream's name, as the gateway has it. */
  readonly stream: string
  readonly rows: PolicyRows
}
