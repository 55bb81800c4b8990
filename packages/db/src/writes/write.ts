import type { Transaction } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'

/** How far a transaction has come on its way into the log. */
export type WriteState =
  /** Shown, and not known to be stored. */
  | { readonly name: 'pending' }
  /** Stored; its rows have not come back yet. */
  | { readonly name: 'acknowledged' }
  /** In the log, and its rows are visible. */
  | { readonly name: 'confirmed' }
  /** Rolled back. `write-unknown` says that it may be in the log all the same. */
  | { readonly name: 'failed'; readonly error: StreamDBError }

/** A transaction of this client on its way. */
export interface Write {
  readonly txid: string
  readonly transaction: Transaction
  /** The action that made it; absent for a collection's own methods and `transact`. */
  readonly action?: string | undefined
  readonly state: WriteState
  /** How many attempts to store it failed and are tried again. */
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly lastError?: StreamDBError | undefined
  /** When it is tried again, in milliseconds since the epoch. */
  readonly nextTry?: number | undefined
}

/** What happens to a write. */
export type WriteEvent =
  /** An attempt failed, and another one will be made. */
  | {
      readonly type: 'retry'
      readonly attempts: number
      readonly error: StreamDBError
      readonly nextTry: number
    }
  /** It is stored. */
  | { readonly type: 'acknowledge' }
  /** Its rows are visible. */
  | { readonly type: 'confirm' }
  /** It is rolled back. */
  | { readonly type: 'fail'; readonly error: StreamDBError }

/** Returns the write after an event, or the same object where the event changes nothing. */
export function nextWrite(write: Write, event: WriteEvent): Write {
  const { name } = write.state
  if (name === 'confirmed' || name === 'failed') return write
  switch (event.type) {
    case 'retry': {
      if (name === 'acknowledged') return write
      const { attempts, error: lastError, nextTry } = event
      return { ...write, attempts, lastError, nextTry }
    }
    case 'acknowledge':
      return name === 'acknowledged' ? write : arrived(write, { name: 'acknowledged' })
    case 'confirm':
      return arrived(write, { name: 'confirmed' })
    case 'fail': {
      const error = name === 'acknowledged' ? unknownAfter(event.error) : event.error
      return { ...write, nextTry: undefined, state: { name: 'failed', error } }
    }
  }
}

/** Tells whether nothing more happens to a write. */
export function isSettled({ state }: Write): boolean {
  return state.name === 'confirmed' || state.name === 'failed'
}

/** What failed on the way is of no interest once the write is stored. */
function arrived({ txid, transaction, action, attempts }: Write, state: Write['state']): Write {
  return { txid, transaction, action, state, attempts, lastError: undefined, nextTry: undefined }
}

/** A stored write that is rolled back may be in the log; why it is rolled back is the cause. */
function unknownAfter(error: StreamDBError): StreamDBError {
  if (error.code === 'closed' || error.code === 'rolled-back' || error.code === 'write-unknown') return error
  return new StreamDBError('write-unknown', `The write was stored, and then: ${error.message}`, {
    cause: error,
  })
}
