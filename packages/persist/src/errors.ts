import { StreamDBError } from '@streamdb/log'

/** Returns what a block store threw as an error of ours, by its name: `QuotaExceededError` is `storage-full`. */
export function toStorageError(error: unknown, what: string): StreamDBError {
  if (error instanceof StreamDBError) return error
  // Of any kind: a DOMException, an error of Node, or whatever an application's store throws.
  const { name, code, message } = Object(error) as { name?: unknown; code?: unknown; message?: unknown }
  const isFull = name === 'QuotaExceededError' || code === 'ENOSPC' || code === 'EDQUOT'
  const why = typeof message === 'string' && message !== '' ? message : String(error)
  return isFull
    ? new StreamDBError('storage-full', `${what}: there is no room left (${why})`, { cause: error })
    : new StreamDBError('storage-failed', `${what}: ${why}`, { cause: error })
}

/** Returns the error of whoever lost the lead, and saves. */
export function staleError(epoch: number): StreamDBError {
  return new StreamDBError(
    'storage-stale',
    `Saving was refused: another tab saves by now (epoch ${epoch} is not the last)`,
  )
}
