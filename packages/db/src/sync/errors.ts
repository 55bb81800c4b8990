import { StreamDBError } from '@streamdb/log'

/** The error of a call that comes after `close()`; `what` is what was asked for. */
export function closedError(what: string): StreamDBError {
  return new StreamDBError('closed', `Cannot ${what}: the database was closed. Create a new one`)
}

/** The error of a write to a stream that its owner has closed. */
export function endedError(url: string): StreamDBError {
  return new StreamDBError('stream-ended', `The stream ${url} is closed and accepts no more writes`)
}
