import { foldChange, foldControl, isChangeEvent, noChanges } from '@streamdb/state'
import type { Changes, StateEvent } from '@streamdb/state'
import type { RowSource, StoredRow } from './stored-row.ts'

/** Rows as they would be behind events that are not in the log: a layer over other rows. */
export class Draft implements RowSource {
  readonly #below: RowSource
  readonly #changes: Changes = noChanges()
  #size = 0
  #hasControls = false

  constructor(below: RowSource) {
    this.#below = below
  }

  /** By how much the rows are larger than those below, in characters. */
  get size(): number {
    return this.#size
  }

  /** A reset or the boundary of a snapshot is among the events: only the log says what they come to. */
  get hasControls(): boolean {
    return this.#hasControls
  }

  get(type: string, key: string): StoredRow | undefined {
    const { rows, replaces } = this.#changes
    const touched = rows.get(type)
    // Rows of changes are those that `apply` put in.
    if (touched?.has(key) === true) return touched.get(key) as StoredRow | undefined
    return replaces ? undefined : this.#below.get(type, key)
  }

  *entries(type: string): Iterable<[key: string, row: StoredRow]> {
    const { rows, replaces } = this.#changes
    const touched = rows.get(type)
    for (const [key, row] of touched ?? []) if (row !== undefined) yield [key, row as StoredRow] // as above
    if (replaces) return
    for (const entry of this.#below.entries(type)) if (touched?.has(entry[0]) !== true) yield entry
  }

  /** Applies an event; `row`: what a change puts. */
  apply(event: StateEvent, row?: StoredRow): void {
    if (!isChangeEvent(event)) {
      this.#hasControls = true
      foldControl(this.#changes, event)
      return
    }
    this.#size += (row?.size ?? 0) - (this.get(event.type, event.key)?.size ?? 0)
    foldChange(this.#changes, event, row)
  }
}
