import type { ChangeEvent } from '@streamdb/state'
import type { Refusal } from './refusal.ts'
import type { RowSource, StoredRow } from './stored-row.ts'
import type { Principal } from './principal.ts'
import type { RequestedChange } from './write-request.ts'

/** A change in its turn: everything before it is decided. */
export interface Candidate<User extends Principal = Principal> {
  readonly change: RequestedChange
  readonly user: User
  readonly stream: string
  /** The row before it. */
  readonly before: StoredRow | undefined
  /** All rows before it, those of earlier events of the request too. */
  readonly rows: RowSource
}

/**
 * Says whether a change may be written: a refusal, or nothing. Checks run one after the other, in the order of the log; the
 * first that refuses decides about the whole request.
 */
export type Check<User extends Principal = Principal> = (
  candidate: Candidate<User>,
) => Promise<Refusal | undefined> | Refusal | undefined

/** Returns the event that is appended for a change that may be written. */
export type Stamp<User extends Principal = Principal> = (candidate: Candidate<User>) => ChangeEvent
