import type { ConnectionEvent, ReadMode, StreamDBError } from '@streamdb/log'
import type { OlderState } from './older-state.ts'

/** Where a database stands. Each state holds only its own facts. */
export type Status =
  /** Nothing was asked of it yet. */
  | { readonly name: 'idle' }
  /** The first request is under way. */
  | { readonly name: 'connecting' }
  /**
   * Reading what the log already holds; nothing of it is visible before all of it is read. With `from`, the rows of a
   * store are visible, as they were saved at `storedAt`, in milliseconds since the epoch: what was appended since is on
   * its way.
   */
  | {
      readonly name: 'catching-up'
      readonly progress: Progress
      readonly from?: 'storage' | undefined
      readonly storedAt?: number | undefined
    }
  /** Everything is visible, and what is appended arrives. */
  | {
      readonly name: 'live'
      /**
       * How it arrives, where that is slower than by a connection that stays open: `polling` while the page is hidden, or
       * while more databases read this server than it has connections for.
       */
      readonly mode?: 'polling' | undefined
      /** A snapshot has begun and not ended; nothing behind its beginning is visible. Milliseconds since the epoch. */
      readonly snapshotSince?: number | undefined
      /** Rows of the log that are not there yet, where the option `load` asked for the newest first. */
      readonly older?: OlderState | undefined
    }
  /**
   * The browser says that it has no network. Writes wait; reading and writing go on when it says that there is one.
   * `since` is in milliseconds since the epoch.
   */
  | { readonly name: 'offline'; readonly since: number }
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
  readonly totalBytes?: number | undefined
}

/** What happens to a database. */
export type StatusEvent =
  | Exclude<ConnectionEvent, { readonly type: 'mode' }>
  | { readonly type: 'progress'; readonly progress: Progress }
  /** Rows of a store are visible, saved at `storedAt`. */
  | { readonly type: 'restore'; readonly progress: Progress; readonly storedAt: number }
  | ({ readonly type: 'up-to-date' } & LiveFacts)
  /** What is to be known of a live database changed. */
  | ({ readonly type: 'change' } & LiveFacts)
  /** The browser says that it has no network, or that it has one again. */
  | { readonly type: 'offline'; readonly now: number }
  | { readonly type: 'online'; readonly now: number; readonly error: StreamDBError }
  | { readonly type: 'close' }

/** What is to be known of a live database. */
export interface LiveFacts {
  readonly mode?: ReadMode | undefined
  readonly snapshotSince?: number | undefined
  readonly older?: OlderState | undefined
}

/** Returns the next status, or the same object where the event changes nothing. */
export function nextStatus(status: Status, event: StatusEvent): Status {
  if (status.name === 'closed') return status
  const started = status.name !== 'idle' && status.name !== 'failed' && status.name !== 'ended'
  switch (event.type) {
    case 'start':
      return started ? status : { name: 'connecting' }
    case 'progress':
      // While reading goes on after a break nothing new is said: the status turns when everything is visible.
      if (status.name === 'connecting') return { name: 'catching-up', progress: event.progress }
      return status.name === 'catching-up' ? { ...status, progress: event.progress } : status
    case 'restore':
      return status.name === 'connecting' || status.name === 'catching-up'
        ? { name: 'catching-up', progress: event.progress, from: 'storage', storedAt: event.storedAt }
        : status
    case 'up-to-date':
      return started ? live(status, event) : status
    case 'change':
      return status.name === 'live' ? live(status, event) : status
    case 'end':
      return started ? { name: 'ended', reason: event.reason } : status
    case 'break': {
      // While there is no network, that is why.
      if (!started || status.name === 'offline') return status
      const since = status.name === 'reconnecting' ? status.since : event.now
      const { attempt, nextTry, error } = event
      return { name: 'reconnecting', attempt, since, nextTry, error }
    }
    case 'refuse':
      return started ? { name: 'needs-auth', nextTry: event.nextTry, error: event.error } : status
    case 'fail':
      return started ? { name: 'failed', error: event.error } : status
    case 'offline':
      if (!started || status.name === 'offline') return status
      return { name: 'offline', since: status.name === 'reconnecting' ? status.since : event.now }
    case 'online': {
      // Not live before something was read: the connection may be gone all the same.
      if (status.name !== 'offline') return status
      const { now: nextTry, error } = event
      return { name: 'reconnecting', attempt: 0, since: status.since, nextTry, error }
    }
    case 'close':
      return { name: 'closed' }
  }
}

function live(status: Status, { mode, snapshotSince, older }: LiveFacts): Status {
  const polling = mode === 'polling' ? mode : undefined
  if (
    status.name === 'live' &&
    status.mode === polling &&
    status.snapshotSince === snapshotSince &&
    status.older === older
  )
    return status
  return {
    name: 'live',
    ...(polling && { mode: polling }),
    ...(snapshotSince !== undefined && { snapshotSince }),
    ...(older && { older }),
  }
}
