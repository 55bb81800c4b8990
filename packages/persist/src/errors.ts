import { StreamDBError } from '@streamdb/log'
import type { StoredHead } from '@streamdb/log'

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

/** Returns the error of a tab that saves after it has lost the lead. */
export function staleError(epoch: number): StreamDBError {
  return new StreamDBError(
    'storage-stale',
    `Saving was refused: another tab saves by now (epoch ${epoch} is not the last)`,
  )
}

/** So often a change is made again whose expectations were not met: each time another tab was faster. */
export const MOST_ATTEMPTS = 100

/** Returns the error of a store of blocks that refuses what it holds. */
export function refusedError(): StreamDBError {
  const expected = 'expected true where the blocks are as `expect` says, bytes compared by their content'
  return new StreamDBError(
    'storage-failed',
    `The store refused the same change ${MOST_ATTEMPTS} times: ${expected}. See write() of Blocks`,
  )
}

/** Nothing more is stored, as the application has asked. */
export function clearedError(): StreamDBError {
  return new StreamDBError('storage-failed', 'db.storage.clear() was called: nothing more is stored')
}

/** Another tab of another version has the store. */
export function otherVersionError(): StreamDBError {
  const what = 'Another tab runs a version of the application that stores other types of rows'
  return new StreamDBError('storage-failed', `${what}: reload that tab, or close it`)
}

/** The browser has Web Locks and refuses them: which tab may save is not known. */
export function noLocksError(): StreamDBError {
  const what = 'The browser refuses the lock by which tabs share the store, so that nothing is stored'
  return new StreamDBError(
    'storage-failed',
    `${what}: expected navigator.locks to work in this page or frame`,
  )
}

/** Another database has claimed the store: of this process, or of a tab where tabs do not share. */
export function claimedError(): StreamDBError {
  const what =
    'Another database with this storage was opened later, in this process or another tab, and saves what it reads of the stream: this one stores nothing more'
  return new StreamDBError('storage-stale', what)
}

/** Returns the error of rows that a newer version of the application has stored. */
export function newerError({ version }: StoredHead, own: number): StreamDBError {
  const what = `The stored rows are of version ${version} of the application, and this is version ${own}`
  return new StreamDBError('storage-newer', `${what}: they are left as they are, and nothing is stored`)
}

/** Returns the error of an unsent write that cannot be read. */
export function unreadableError(error: unknown): StreamDBError {
  const why = error instanceof Error ? error.message : String(error)
  const what = 'A write that was not sent yet cannot be read, and is left in the store as it is'
  return new StreamDBError('storage-corrupt', `${what}; the others are sent. ${why}`, { cause: error })
}

/** Returns `'corrupt'` for a corrupt store, and throws every other error. */
export function asCorrupt(error: unknown): 'corrupt' {
  if (error instanceof StreamDBError && error.code === 'storage-corrupt') return 'corrupt'
  throw error
}

/** Returns nothing for a corrupt store, which is written anew, and throws every other error. */
export function ignoreCorrupt(error: unknown): undefined {
  asCorrupt(error)
  return undefined
}
