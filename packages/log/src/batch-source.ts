import type { StreamDBError } from './errors.ts'

/** Items of a log as they came, and the offsets between which they lie. A large response comes in parts. */
export interface RawBatch {
  readonly items: readonly unknown[]
  /** How many items of the response came in parts before. */
  readonly first: number
  /** Where the response began. */
  readonly from: string
  /** Where reading goes on after the response. */
  readonly offset: string
  /** Whether these items are the last of the response. */
  readonly complete: boolean
}

/** What happens to a connection. */
export type ConnectionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'end'; readonly reason: 'stream-closed' | 'not-live' }
  | {
      readonly type: 'break'
      readonly attempt: number
      readonly now: number
      readonly nextTry: number
      readonly error: StreamDBError
    }
  | { readonly type: 'refuse'; readonly nextTry: number; readonly error: StreamDBError }
  | { readonly type: 'fail'; readonly error: StreamDBError }
