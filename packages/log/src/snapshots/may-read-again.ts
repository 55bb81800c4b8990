import { StreamDBError } from '../errors.ts'
import { ConnectionError, HttpError, isPassing } from '../http-error.ts'

/** Tells whether another attempt to read may fare better; credentials that ran out are asked for anew. */
export function mayReadAgain(thrown: unknown): boolean {
  if (thrown instanceof HttpError) return isPassing(thrown.status) || thrown.status === 401
  if (thrown instanceof StreamDBError) return thrown.code === 'unreachable'
  return thrown instanceof ConnectionError
}
