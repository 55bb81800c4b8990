import type { StandardSchema } from '@streamdb/state'
import type { Principal } from '../gateway/principal.ts'
import type { ServerAction } from './define-server-action.ts'

/** A call of an action whose parameters are valid. */
export interface ActionCall<User extends Principal = Principal> {
  readonly action: ServerAction<StandardSchema, User>
  readonly params: unknown
  readonly txid: string
  /** The call is in the log already: the action must not run again, even if its result is unknown here. */
  readonly isRepeat: boolean
}
