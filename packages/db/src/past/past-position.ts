/** Where a database of the past stands. */
export interface PastPosition {
  /** Where reading can go on without missing what is not visible; `-1` before anything is. */
  readonly offset: string
  /** Whether it stands at `offset`; `false` for transactions that the server put under one offset. */
  readonly isExact: boolean
  /** How many transactions lie before and behind it, of those that were read. */
  readonly behind: number
  readonly ahead: number
  /** The transaction that led here. */
  readonly txid: string | undefined
  /** When it was written, as the log says; RFC 3339. */
  readonly timestamp: string | undefined
}
