import type { StreamDBError } from './errors.ts'

/** A transaction to be stored. */
export interface OutgoingWrite {
  readonly txid: string
  /** The JSON texts of its events, joined by commas: all are stored, or none. */
  readonly body: string
  /** Some of its events have conditions (`headers.expect`), which a write gateway decides. */
  readonly isConditional?: boolean | undefined
  /** Called after every failed attempt that is tried again. */
  readonly onRetry?: ((retry: AppendRetry) => void) | undefined
}

/** A failed attempt. */
export interface AppendRetry {
  /** Attempts so far. */
  readonly attempts: number
  /** When it is tried next, in milliseconds since the epoch. */
  readonly nextTry: number
  readonly error: StreamDBError
}

/** What the server said of a stored write. */
export interface AppendReceipt {
  /** Where the stream ends behind the write; absent where the write was seen in the log before it was answered. */
  readonly offset?: string | undefined
}

/** A write on its way. */
export interface AppendHandle {
  /** Resolves when the write is stored. Rejects where it was refused, or where the outcome is unknown (`write-unknown`). */
  readonly done: Promise<AppendReceipt>
  /**
   * Takes the write back, if it was not sent yet; says whether it was taken back. Then `done` stays pending. `reason`: why
   * it failed; an outbox keeps it then, as refused.
   */
  withdraw(reason?: StreamDBError): boolean
  /** Says that the write was seen in the log: its answer is no longer waited for. */
  seen(): void
}

/** Stores transactions, each once. */
export interface WriteTransport {
  /** Queues a write. When `signal` aborts, `done` rejects with its reason. */
  append(write: OutgoingWrite, signal?: AbortSignal): AppendHandle
  /** Tries at once what waits to be tried again. */
  retryNow(): void
}
