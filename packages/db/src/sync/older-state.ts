import type { StreamDBError } from '@streamdb/log'

/** Which rows of the log are not there yet. */
export interface OlderState {
  /**
   * How many rows are left, of the types that the option `load` names: a few less where some were updated or deleted since; 0 where every row of the log is there. `undefined` before the log is read.
   */
  readonly remaining: number | undefined
  /** Rows are being loaded. */
  readonly loading: boolean
  /** Why loading waits, or has failed: `loadOlder()` tries again. */
  readonly error?: StreamDBError | undefined
}

/** What happens to the rows that are not there yet. */
export type OlderEvent =
  /** The log is read from its beginning. */
  | { readonly type: 'restart' }
  /** Rows are left: the source says so, or some were loaded. */
  | { readonly type: 'left'; readonly rows: number }
  | { readonly type: 'load' }
  | { readonly type: 'break'; readonly error: StreamDBError }
  | { readonly type: 'rest' }
  | { readonly type: 'fail'; readonly error: StreamDBError }
  /** The log was read to its end; nothing is left but what was said to be. */
  | { readonly type: 'up-to-date' }

export const unknownRows: OlderState = { remaining: undefined, loading: false }

/** Returns the next state, or the same object where the event changes nothing. */
export function nextOlder(state: OlderState, event: OlderEvent): OlderState {
  switch (event.type) {
    case 'restart':
      return state.remaining === undefined ? state : unknownRows
    case 'left':
      if (event.rows === state.remaining && state.error === undefined) return state
      return { remaining: event.rows, loading: state.loading && event.rows > 0 }
    case 'load':
      return state.loading ? state : { remaining: state.remaining, loading: true }
    case 'break':
      return { ...state, error: event.error }
    case 'rest':
      return state.loading ? { remaining: state.remaining, loading: false } : state
    case 'fail':
      return { remaining: state.remaining, loading: false, error: event.error }
    case 'up-to-date':
      return state.remaining === undefined ? { ...state, remaining: 0 } : state
  }
}
