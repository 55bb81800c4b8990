import type { ConnectionEvent, StreamDBError } from '@streamdb/log'

/** Where a database stands. Each state holds only its own facts. */
export type Status =
  /** Nothing was asked of it yet. */
  | { readonly name: 'idle' }
  /** The first request is under way. */
  | { readonly name: 'connecting' }
  /** Reading what the log already holds; nothing of it is shown before all of it is read. */
  | { readonly name: 'catching-up'; readonly progress: Progress }
  /** Everything is shown, and what is appended arrives. */
  | { readonly name: 'live' }
  /** The connection broke; it is tried again, from where it broke. */
  | {
      readonly name: 'reconnecting'
      /** Attempts that failed in a row. */
      readonly attempt: number
      /** When the connection broke, in milliseconds since the epoch. */
      readonly since: number
      /** When it is tried next, in milliseconds since the epoch. */
      readonly nextTry: number
      readonly error: StreamDBError
    }
  /** The server refused the credentials; header functions are asked again. */
  | { readonly name: 'needs-auth'; readonly nextTry: number; readonly error: StreamDBError }
  /** All is read and no more will come: the stream was closed, or `live` is `false`. */
  | { readonly name: 'ended'; readonly reason: 'stream-closed' | 'not-live' }
  /** Reading stopped for a reason that does not pass by itself; `preload()` tries again. */
  | { readonly name: 'failed'; readonly error: StreamDBError }
  /** `close()` was called. Final. */
  | { readonly name: 'closed' }

/** How far the first load has come. */
export interface Progress {
  readonly offset: string
  readonly events: number
  /** Of response bodies, as they are after decompression. */
  readonly bytes: number
  /** How many bytes it will be in all; known while the last response is read, where the server says its length. */
  readonly of?: number | undefined
}

/** What happens to a database. */
export type StatusEvent =
  | Exclude<ConnectionEvent, { readonly type: 'mode' }>
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'up-to-date' }
  | { readonly type: 'close' }

/** Returns the next status, or the same object where the event changes nothing. */
export function nextStatus(status: Status, event: StatusEvent): Status {
  if (status.name === 'closed') return status
  const started = status.name !== 'idle' && status.name !== 'failed' && status.name !== 'ended'
  switch (event.type) {
    case 'start':
      return started ? status : { name: 'connecting' }
    case 'progress':
      // Reading on after a break is no longer news: the status turns when everything is shown.
      return status.name === 'connecting' || status.name === 'catching-up'
        ? { name: 'catching-up', progress: event.progress }
        : status
    case 'up-to-date':
      return started && status.name !== 'live' ? { name: 'live' } : status
    case 'end':
      return started ? { name: 'ended', reason: event.reason } : status
    case 'break': {
      if (!started) return status
      const since = status.name === 'reconnecting' ? status.since : event.now
      const { attempt, nextTry, error } = event
      return { name: 'reconnecting', attempt, since, nextTry, error }
    }
    case 'refuse':
      return started ? { name: 'needs-auth', nextTry: event.nextTry, error: event.error } : status
    case 'fail':
      return started ? { name: 'failed', error: event.error } : status
    case 'close':
      return { name: 'closed' }
  }
}
