import type { RestartReason, StreamDBError } from '@streamdb/log'

/** The notifications of the log for the writes of a database: the write pipeline. */
export interface WriteSide {
  /** These transactions are visible, and everything that the log holds up to `offset`. */
  onApplied(offset: string, txids: ReadonlySet<string>): void
  /** The log is read from its beginning again: `offset`. */
  onRestart(offset: string, why: RestartReason): void
  /** Everything that the log holds is visible. */
  onUpToDate(): void
  /** These transactions were read inside a snapshot that has not ended: they are stored, and not visible yet. */
  onInsideSnapshot(txids: ReadonlySet<string>): void
  /** The log is no longer read, because of `error`. */
  rejectAll(error: StreamDBError): void
  /** Tries at once what waits to be tried again. */
  retryNow(): void
}

/** Those who wait for transactions to be visible. */
export interface TransactionWaiters {
  /** These transactions are visible. */
  markSeen(txids: Iterable<string>): void
  /** Drops the oldest of `txids` over a bound, except those with a waiting call. */
  evict(txids: Set<string>): void
  /** Rejects all waits, and those that begin before `reopen`. */
  rejectAll(error: Error): void
  reopen(): void
  /** Rejects all waits for good. */
  close(error: Error): void
}
