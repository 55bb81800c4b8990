import type { StandardSchema } from '@streamdb/state'
import type { Principal } from '../gateway/principal.ts'
import type { ServerAction } from './define-server-action.ts'

/** A call of an action whose parameters are valid. */
export interface ActionCall<User extends Principal = Principal> {
  readonly action: ServerAction<StandardSchema, User>
  readonly params: unknown
  readonly txid: string
  /** It was called before, and is in the log: it is not to run again, whatever is known of it here. */
  readonly isRepeat: boolean
}
