/** What becomes of the changes when a batch was ingested. */
export type AfterIngest =
  /** They are applied. */
  | 'apply'
  /** They are applied when the next batch shows that its events are of another transaction. */
  | 'hold'
  /** They wait for what follows. */
  | 'collect'

/** What is known of a batch and of the changes that it ends. */
export interface BatchEnd {
  /** The batch ends a response; otherwise more of the same response follows. */
  readonly isComplete: boolean
  /** All rows of a store came with it: they are shown, and the log follows. */
  readonly isStored: boolean
  /** The log is read to its end. */
  readonly isUpToDate: boolean
  /** A reset sends the reader elsewhere. */
  readonly seeks: boolean
  /** Rows of the log are visible already. */
  readonly isLoaded: boolean
  /** The changes replace all rows: they must be complete before they are applied. */
  readonly replaces: boolean
  /** The last event belongs to a transaction, of which the next batch may hold more. */
  readonly insideTransaction: boolean
}

/** Decides whether what was ingested may be applied: responses whole, the first load at once, no half transaction (C1). */
export function afterIngest(end: BatchEnd): AfterIngest {
  if (!end.isComplete || end.seeks) return 'collect'
  if (end.isUpToDate || end.isStored) return 'apply'
  if (!end.isLoaded || end.replaces) return 'collect'
  return end.insideTransaction ? 'hold' : 'apply'
}
