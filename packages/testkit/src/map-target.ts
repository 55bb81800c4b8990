import type { ChangeTarget } from '@streamdb/db'
import type { Checkpoint, StreamDBError } from '@streamdb/log'
import type { Changes } from '@streamdb/state'

/** The plainest `ChangeTarget`: rows in Maps, by type and key. */
export class MapTarget implements ChangeTarget {
  readonly #rows = new Map<string, Map<string, unknown>>()
  /** Where the rows end in the log; absent before anything was applied. */
  checkpoint: Checkpoint | undefined
  /** Whether the rows are kept up to date; an error where they no longer are. */
  state: 'loading' | 'ready' | StreamDBError = 'loading'

  apply(changes: Changes, at: Checkpoint): void {
    if (changes.replaces) this.#rows.clear()
    for (const [type, touched] of changes.rows) {
      const rows = this.#rows.get(type) ?? new Map<string, unknown>()
      this.#rows.set(type, rows)
      for (const [key, row] of touched) {
        if (row === undefined) rows.delete(key)
        else rows.set(key, row)
      }
    }
    this.checkpoint = at
  }

  setReady(): void {
    this.state = 'ready'
  }

  setFailed(error: StreamDBError): void {
    this.state = error
  }

  /** Returns the rows of a type, by key. */
  rowsOf(type: string): ReadonlyMap<string, unknown> {
    return this.#rows.get(type) ?? new Map<string, unknown>()
  }
}
