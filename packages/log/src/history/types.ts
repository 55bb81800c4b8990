import type { ChangeEvent } from '@streamdb/state'

/**
 * A point in a log: an offset, or a time. The state at an offset is that behind the last transaction that ends there or
 * before; the state at a time is that before the first transaction whose `timestamp` is later.
 */
export type HistoryPoint = string | { readonly time: Date | string | number }

/** Ends a wait for reading. */
export interface HistoryReadOptions {
  readonly signal?: AbortSignal | undefined
}

/** A row on the two sides of a move, each as the event that put it; absent where there is no row. */
export interface RowMove {
  readonly type: string
  readonly key: string
  readonly before: ChangeEvent | undefined
  readonly after: ChangeEvent | undefined
}

/** How a row differs between two states. Plain data. */
export interface RowDifference {
  readonly type: string
  readonly key: string
  readonly change: 'inserted' | 'updated' | 'deleted'
  /** The values; absent where there is no row. */
  readonly before?: unknown
  readonly after?: unknown
  /** Of two values that are objects: the fields that differ, in the order of the later value, those that it lacks last. */
  readonly fields?: readonly string[] | undefined
}

/** The transaction that led to a state. */
export interface PastTransaction {
  readonly txid: string | undefined
  /** Of its last event that has one; RFC 3339, as the log has it. */
  readonly timestamp: string | undefined
  /** What it did to rows. */
  readonly changes: readonly RowMove[]
}

/**
 * The rows of a log as they stood at one of its offsets. It can be moved: the same object then is another state. It never
 * stands inside a transaction or a snapshot.
 */
export interface PastState {
  /** Where reading can go on without missing an event that is not in this state. */
  readonly offset: string
  /**
   * Whether the state stands at `offset` itself. `false` for transactions that the server put under one offset: those
   * before this one are in the state as well.
   */
  readonly isExact: boolean
  /** The transaction that led here; absent at the beginning, and at a snapshot that reading began with. */
  readonly transaction: PastTransaction | undefined
  /** How many transactions lie before and behind this state, of those that are read. */
  readonly behind: number
  readonly ahead: number
  /** Returns the value of a row. */
  get<Value = unknown>(type: string, key: string): Value | undefined
  /** Returns the event that put a row: who wrote it, and when. */
  eventOf(type: string, key: string): ChangeEvent | undefined
  /** Returns a copy of all values of a type by key, in no particular order. */
  getType<Value = unknown>(type: string): Map<string, Value>
  /** Returns the events that put the rows of a type, by key. Not to be changed, and void after a move. */
  eventsOf(type: string): ReadonlyMap<string, ChangeEvent>
  /** The types that have rows, in no particular order. */
  readonly types: readonly string[]
  /** How many rows there are, of all types. */
  readonly size: number
  /** Moves to another point; returns the rows that changed. Rejects as `StreamHistory.at` does, and is where it was then. */
  moveTo(point: HistoryPoint, options?: HistoryReadOptions): Promise<readonly RowMove[]>
  /**
   * Moves over transactions: forward, or back where negative; no further than the log's beginning and its end. Returns the
   * rows that changed.
   */
  step(transactions: number, options?: HistoryReadOptions): Promise<readonly RowMove[]>
}

/** A state that is known, such as that of the stream that a fork was made of: what is behind it is read from there. */
export interface HistoryBase {
  readonly offset: string
  /** Resolves with the rows at the offset: a past state, or whatever else has them. They are copied. */
  readonly state: (signal: AbortSignal) => Promise<Pick<PastState, 'types' | 'eventsOf'>>
}

/** The past of a stream. Nothing is read before it is asked for, and nothing twice that is kept. */
export interface StreamHistory {
  /**
   * Resolves with the state at a point, read from the nearest snapshot before it.
   *
   * Rejects with `offset-invalid` for what is no offset, `offset-beyond-end` where the log does not reach that far,
   * `offset-gone` where the server no longer has what lies before it, `time-unknown` for a time where no event says one,
   * `closed`, the signal's reason, and with whatever stops reading.
   */
  at(point: HistoryPoint, options?: HistoryReadOptions): Promise<PastState>
  /** Resolves with the state at the log's end, as it is now. */
  end(options?: HistoryReadOptions): Promise<PastState>
  /** Resolves with the rows that differ from `from` to `to`, whichever is earlier, by type and key. Rejects as `at` does. */
  diff(from: HistoryPoint, to: HistoryPoint, options?: HistoryReadOptions): Promise<readonly RowDifference[]>
  /**
   * Resolves with the state behind the last transaction, to the log's end, that `test` holds of; `undefined` where there is
   * none in what was read: from the nearest snapshot, or from the first state that was asked for.
   */
  findLast(
    test: (transaction: Pick<PastTransaction, 'txid' | 'timestamp'>) => boolean,
    options?: HistoryReadOptions,
  ): Promise<PastState | undefined>
  /** Ends what is being read, and forgets what was. Final. */
  close(): void
}
