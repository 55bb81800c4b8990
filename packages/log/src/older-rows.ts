/** Which rows of a log are delivered first. */
export interface NewestRows {
  /** How many rows of the first of the types. */
  readonly last: number
  /**
   * The types of which only the newest rows are delivered at first. Rows of the first of them are counted, and those of
   * the others come with them: what was inserted after the oldest of these rows.
   */
  readonly of: readonly [string, ...string[]]
  /** The types whose rows are delivered whole; others than these and those of `of` are left out for good. */
  readonly whole: readonly string[]
}

/**
 * The rows that a source left out at first: they were inserted before those that it delivered. They have their state at the
 * offset behind the source's first rows; later events of the log take precedence.
 */
export interface OlderRows {
  /** How many there are, of all the types of which the newest rows were delivered. */
  readonly remaining: number
  /** The keys of the rows that were delivered, of the type that is counted. */
  readonly delivered: Iterable<string>
  /**
   * Returns the newest of them, in the order in which they were inserted: `rows` of the type that is counted, or all that
   * are left, and those of the other types among them. They are not left any more. `lost`: they can no longer be read;
   * the source has to begin again. One call at a time. Rejects with the signal's reason, and with what reading fails with
   * for good; it may then be called again.
   */
  read(rows: number, options: ReadOlderOptions): Promise<readonly unknown[] | 'lost'>
  /** Tries at once what waits to be tried again. */
  retryNow(): void
}

/** How older rows are read. */
export interface ReadOlderOptions {
  readonly signal: AbortSignal
  /** Called with each attempt that failed and will be repeated. */
  readonly onBreak: (error: Error) => void
}
