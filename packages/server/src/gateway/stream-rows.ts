import { foldChange, foldControl, isChangeEvent, noChanges, takeChanges } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { isBefore } from '@streamdb/log'
import type { Draft } from './draft.ts'
import type { RowSource, StoredRow } from './stored-row.ts'

/** What was appended, and not read back yet. */
interface Appended {
  readonly rows: Draft
  /** Where the log ends behind it. */
  readonly end: string
}

/**
 * The rows of one stream: those that were read from the log, and over them what this gateway has appended since.
 *
 * The log alone decides: what is read takes the place of what was appended, as others may write as well.
 */
export class StreamRows implements RowSource {
  readonly #rows = new Map<string, Map<string, StoredRow>>()
  readonly #changes = noChanges()
  #appended: Appended[] = []
  #size = 0

  /** How large all rows are, in characters of JSON. */
  get size(): number {
    return this.#appended.reduce((sum, { rows }) => sum + rows.size, this.#size)
  }

  get(type: string, key: string): StoredRow | undefined {
    return this.top.get(type, key)
  }

  entries(type: string): Iterable<[key: string, row: StoredRow]> {
    return this.top.entries(type)
  }

  /** The rows with everything over them. */
  get top(): RowSource {
    return this.#appended.at(-1)?.rows ?? this.#read
  }

  /** Applies an event that was read; `row`: what a change puts. */
  apply(event: StateEvent, row?: StoredRow): void {
    if (isChangeEvent(event)) foldChange(this.#changes, event, row)
    else foldControl(this.#changes, event)
    // A log of millions of events is not kept twice.
    if (this.#changes.replaces || this.#changes.txids.size > 1000) this.#merge()
  }

  /** The log was read until `offset`; says whether it has all that was appended. */
  reach(offset: string): boolean {
    this.#merge()
    // The layers lie over each other: they go together, once the last one was read.
    const last = this.#appended.at(-1)
    if (last !== undefined && isBefore(offset, last.end)) return false
    this.#appended = []
    return true
  }

  /** Takes in what was appended, a draft over `top`, until the log has it. */
  append(rows: Draft, end: string): void {
    this.#appended.push({ rows, end })
  }

  /** Forgets everything. */
  clear(): void {
    this.#rows.clear()
    this.#appended = []
    this.#size = 0
    Object.assign(this.#changes, noChanges())
  }

  readonly #read: RowSource = {
    get: (type, key) => this.#rows.get(type)?.get(key),
    entries: (type) => this.#rows.get(type) ?? [],
  }

  #merge(): void {
    const { rows: touched, replaces } = takeChanges(this.#changes)
    if (replaces) {
      this.#rows.clear()
      this.#size = 0
    }
    for (const [type, keys] of touched) {
      const rows = this.#rows.get(type) ?? new Map<string, StoredRow>()
      for (const [key, row] of keys) {
        this.#size -= rows.get(key)?.size ?? 0
        if (row === undefined) rows.delete(key)
        else {
          rows.set(key, row as StoredRow) // as `apply` was given it
          this.#size += (row as StoredRow).size // as above
        }
      }
      if (rows.size === 0) this.#rows.delete(type)
      else this.#rows.set(type, rows)
    }
  }
}
