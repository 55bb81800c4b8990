import { Listeners } from '@streamdb/log'

/** A row that a write changes. */
export interface WrittenRow {
  readonly operation: 'insert' | 'update' | 'delete'
  readonly type: string
  readonly key: string
  /** As it was shown before. */
  readonly before: unknown
  readonly after: unknown
}

/** What a write is now. */
export interface WriteReport {
  readonly txid: string
  readonly action: string | undefined
  readonly state: 'pending' | 'acknowledged' | 'confirmed' | 'failed'
  readonly attempts: number
  /** What went wrong last. */
  readonly error: { readonly code: string; readonly message: string } | undefined
  /** Milliseconds since the epoch. */
  readonly nextTry: number | undefined
  readonly rows: readonly WrittenRow[]
}

/** A step of a write on its way. */
export interface WriteStep {
  readonly name: WriteReport['state'] | 'retry'
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** A write that was seen. */
export interface LoggedWrite extends WriteReport {
  readonly steps: readonly WriteStep[]
}

/** A write of this client that met a row which others had changed since it began. */
export interface WriteConflict extends Pick<WrittenRow, 'type' | 'key'> {
  readonly txid: string
  readonly time: number
  /** The row that it was based on. */
  readonly base: unknown
  /** The row that stood in the log just before it; absent where it was deleted. */
  readonly theirs: unknown
  /** The row that it put. */
  readonly ours: unknown
  /** The number of their event. */
  readonly theirEvent: number
}

/** So many writes, and conflicts, are kept: the oldest go, those that are settled first. */
const kept = 1_000

/** This client's writes, with the time of every step, and the conflicts that they met. */
export class WritesLog {
  readonly #writes = new Map<string, LoggedWrite>()
  readonly #listeners = new Listeners(() => undefined)
  #conflicts: readonly WriteConflict[] = []
  #list: readonly LoggedWrite[] | undefined

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Newest first; the same array until one changes. Bound. */
  readonly list = (): readonly LoggedWrite[] => (this.#list ??= [...this.#writes.values()].reverse())

  readonly conflicts = (): readonly WriteConflict[] => this.#conflicts

  get(txid: string): LoggedWrite | undefined {
    return this.#writes.get(txid)
  }

  /** Tells whether a transaction is one of this client's. Bound. */
  readonly isOwn = (txid: string): boolean => this.#writes.has(txid)

  note(report: WriteReport, time: number): void {
    const before = this.#writes.get(report.txid)
    // Rows that are shown no more are not told again.
    const rows = report.rows.length > 0 ? report.rows : (before?.rows ?? [])
    const isRetry = before !== undefined && report.attempts > before.attempts
    const isNew = before?.state !== report.state
    const step: WriteStep[] = isRetry
      ? [{ name: 'retry', time }]
      : isNew
        ? [{ name: report.state, time }]
        : []
    this.#writes.set(report.txid, { ...report, rows, steps: [...(before?.steps ?? []), ...step] })
    if (this.#writes.size > kept) this.#dropOne()
    this.#changed()
  }

  noteConflict(conflict: WriteConflict): void {
    this.#conflicts = [conflict, ...this.#conflicts].slice(0, kept)
    this.#changed()
  }

  #dropOne(): void {
    const settled = [...this.#writes.values()].find(
      ({ state }) => state === 'confirmed' || state === 'failed',
    )
    const oldest = settled?.txid ?? this.#writes.keys().next().value
    if (oldest !== undefined) this.#writes.delete(oldest)
  }

  #changed(): void {
    this.#list = undefined
    this.#listeners.notify()
  }
}
