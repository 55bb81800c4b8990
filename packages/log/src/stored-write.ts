import type { ChangeEvent } from '@streamdb/state'
import type { StreamDBError, StreamDBErrorCode } from './errors.ts'
import type { WriteRefusal } from './write-refusal.ts'

/** A transaction that is kept until the log has it. JSON holds all of it. */
export interface StoredWrite {
  readonly txid: string
  /** Where it stands among the others: writes are sent by their order, whichever tab made them. */
  readonly order: number
  /** Its mutations as events, as they go into the log. */
  readonly events: readonly ChangeEvent[]
  /** The action that made it. */
  readonly action?: string | undefined
  /** Present where the action writes by itself (`mutationFn`): what it is called with. */
  readonly call?: { readonly params?: unknown } | undefined
  /** It is removed if it is refused after its tab is gone, as no other tab decides about it. */
  readonly isTransient?: boolean | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** How many attempts to store it failed. */
  readonly attempts: number
  readonly state: StoredWriteState
}

/** How far a kept transaction has come. */
export type StoredWriteState =
  /** It was not sent. */
  | { readonly name: 'queued' }
  /**
   * It may be in the log: it is sent with this producer's headers, or its action's function runs (no `producer`). Those of
   * one producer and sequence are one message.
   */
  | { readonly name: 'sent'; readonly producer?: ProducerSequence | undefined }
  /** It is in the log; what is stored of the log does not hold it yet. */
  | { readonly name: 'acknowledged' }
  /** It was refused, and waits for the application to decide. */
  | { readonly name: 'refused'; readonly error: StoredError }
  /** It was taken back before it was sent: other tabs see this state until it is removed. */
  | { readonly name: 'withdrawn' }

/** What a server tells a repeated message by. */
export interface ProducerSequence {
  readonly id: string
  readonly epoch: number
  readonly seq: number
}

/** A `StreamDBError` as JSON holds it. */
export interface StoredError {
  readonly code: StreamDBErrorCode
  readonly message: string
  readonly status?: number | undefined
  readonly body?: unknown
  /** The transaction that it was rolled back with, as it was built upon it. */
  readonly dependsOn?: string | undefined
  /** Why the server refused it. */
  readonly reason?: WriteRefusal | undefined
}

/** Keeps the transactions of one stream, beside its rows: in one database, so that one transaction can change both. */
export interface OutboxStore {
  /** Resolves with all of them, by their order; one that cannot be read is left out and reported. */
  list(onUnreadable?: (error: StreamDBError) => void): Promise<readonly StoredWrite[]>
  /**
   * Changes it in one transaction; resolves with the txids of `update` that it does not hold, and with those that `ifRefused`
   * left as they were. `epoch`: who leads; rejects with `storage-stale`, and changes nothing, where the store has a newer one.
   */
  change(change: OutboxChange, epoch?: number): Promise<readonly string[]>
  /** Returns what `change` noted under a name; `undefined` where nothing is. */
  note(name: string): Promise<unknown>
}

/** What is changed in an outbox. */
export interface OutboxChange {
  /** Writes to be added. */
  readonly put?: readonly StoredWrite[] | undefined
  /** Writes to be replaced by these of the same txid, where it holds them. */
  readonly update?: readonly StoredWrite[] | undefined
  /** The txids of those to be removed. */
  readonly remove?: readonly string[] | undefined
  /**
   * Conditions of what is removed and put above, so that of two tabs that decide about one refused write at the same moment one
   * does: a txid of `remove` goes only where it is held as refused; otherwise it stays as it is, and that of `put`, which was to
   * take its place, is not added.
   */
  readonly ifRefused?: readonly { readonly remove: string; readonly put?: string | undefined }[] | undefined
  /** What is to be noted beside the writes, by name, as JSON: the producer's id, the undo history. `undefined` removes it. */
  readonly notes?: Readonly<Record<string, unknown>> | undefined
}
