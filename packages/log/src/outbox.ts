import type { StreamDBError } from './errors.ts'
import type { StoredWrite } from './stored-write.ts'
import type { AppendHandle, AppendRetry } from './write-transport.ts'

/** A transaction to be kept, and stored in the log in its turn. */
export type NewWrite = Pick<StoredWrite, 'txid' | 'events' | 'action' | 'call' | 'isTransient'>

/** Who shows a kept write. */
export interface WriteCarrier {
  /** Called after every failed attempt that is tried again. */
  readonly onRetry?: ((retry: AppendRetry) => void) | undefined
  /** Runs the function of the write's action, where it has one. Rejects where that failed for good. */
  readonly run?: ((signal: AbortSignal) => Promise<void>) | undefined
}

/** A kept write on its way. */
export interface OutboxHandle extends AppendHandle {
  /** Keeps the write as refused, whatever became of it before. */
  refuse(error: StreamDBError): void
}

/**
 * Keeps writes in a store before they are sent, and sends them in their order, each once, also after the page that made
 * them is gone.
 */
export interface Outbox {
  /** What is kept, by order; the same array until it changes. */
  get(): readonly StoredWrite[]
  /** Those of them that nobody of this page shows: of earlier pages and other tabs, and what is tried again. */
  unclaimed(): readonly StoredWrite[]
  /** Calls `run` after every change; returns what ends it. */
  subscribe(run: () => void): () => void
  /** Resolves when it is known what earlier pages kept; never rejects. */
  readonly loaded: Promise<void>
  /** Resolves when everything that is kept by now is stored. Rejects where the store failed: then it is kept in memory. */
  whenStored(): Promise<void>
  /** Throws `outbox-full` where no more writes are kept: there are too many, or they are too large together. */
  assertRoom(): void
  /** Keeps a write behind all others, and sends it in its turn. `replaces`: the txid of one that goes in the same step. */
  add(write: NewWrite, carrier: WriteCarrier, replaces?: string): OutboxHandle
  /** Takes charge of a write that an earlier page or another tab has kept; nothing where there is none to be sent. */
  resume(txid: string, carrier: WriteCarrier): OutboxHandle | undefined
  /** Puts a refused write behind all others, to be sent again; says whether there was one. */
  retry(txid: string): boolean
  /** Removes a write that was refused, or not sent; says whether it did. */
  discard(txid: string): boolean
  /** These transactions are visible: they are kept no longer. */
  onApplied(txids: Iterable<string>): void
  /** Reads what was noted under a name; `undefined` where nothing is, or the store failed. */
  readNote(name: string): Promise<unknown>
  /** Notes a value under a name, as JSON. */
  note(name: string, value: unknown): void
  /** Tries at once what waits to be tried again. */
  retryNow(): void
}
