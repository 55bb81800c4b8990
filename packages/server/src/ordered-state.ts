import { foldChange, foldControl, isChangeEvent, noChanges, takeChanges } from '@streamdb/state'
import type { ChangeEvent, StateEvent } from '@streamdb/state'

/** A row as a snapshot holds it: the value and the headers of the change that wrote it last. */
export interface OrderedRow {
  readonly type: string
  readonly key: string
  readonly value: unknown
  /** What the writer said beside the operation, such as the version of its schemas; nothing where it said nothing. */
  readonly headers: Readonly<Record<string, unknown>> | undefined
}

/** A row, and when its key was first inserted since it was last deleted. */
interface Placed {
  readonly value: unknown
  readonly headers: OrderedRow['headers']
  readonly place: number
}

/** Headers that say something of the change alone, or of its place in the log. */
const ownHeaders = new Set(['operation', 'offset', 'txid'])

/** Folds a log, as `@streamdb/state` does, into rows that keep the order in which they were first inserted. */
export class OrderedState {
  readonly #rows = new Map<string, Map<string, Placed>>()
  readonly #changes = noChanges()
  #place = 0

  /** Applies one event. */
  apply(event: StateEvent): void {
    if (isChangeEvent(event)) {
      const { value, headers } = event
      foldChange(this.#changes, event, { value, headers: keptOf(headers), place: this.#placeOf(event) })
    } else foldControl(this.#changes, event)
    // Of a snapshot nothing is visible before its end; the rest is kept small.
    if (this.#changes.replaces || this.#changes.txids.size > 1000) this.#merge()
  }

  /** Forgets everything, an unfinished snapshot too. */
  clear(): void {
    this.#rows.clear()
    Object.assign(this.#changes, noChanges())
  }

  /** A snapshot of the log has begun and not ended. */
  get insideSnapshot(): boolean {
    return this.#changes.snapshot !== undefined
  }

  /** Returns the visible rows of all types, the one that was inserted first first. */
  rows(): OrderedRow[] {
    this.#merge()
    const all: (OrderedRow & { readonly place: number })[] = []
    for (const [type, rows] of this.#rows) {
      for (const [key, { value, headers, place }] of rows) all.push({ type, key, value, headers, place })
    }
    return all.sort((a, b) => a.place - b.place)
  }

  /** Returns the place of the row that a change writes: an update keeps it, an insert behind a delete is a new one. */
  #placeOf({ type, key }: ChangeEvent): number {
    const target = this.#changes.snapshot ?? this.#changes
    const touched = target.rows.get(type)
    // Rows of changes are those that `apply` put in.
    if (touched?.has(key) === true) return (touched.get(key) as Placed | undefined)?.place ?? this.#place++
    const isOfOthers = target !== this.#changes || target.replaces
    return (isOfOthers ? undefined : this.#rows.get(type)?.get(key)?.place) ?? this.#place++
  }

  #merge(): void {
    const { rows: touched, replaces } = takeChanges(this.#changes)
    if (replaces) this.#rows.clear()
    for (const [type, keys] of touched) {
      const rows = this.#rows.get(type) ?? new Map<string, Placed>()
      for (const [key, row] of keys) {
        if (row === undefined) rows.delete(key)
        else rows.set(key, row as Placed) // as above
      }
      if (rows.size === 0) this.#rows.delete(type)
      else this.#rows.set(type, rows)
    }
  }
}

function keptOf(headers: ChangeEvent['headers']): OrderedRow['headers'] {
  let kept: Record<string, unknown> | undefined
  for (const name in headers) {
    if (ownHeaders.has(name)) continue
    kept ??= {}
    // Defined, not assigned: `__proto__` is a name like any other (SPEC P5).
    Object.defineProperty(kept, name, {
      value: headers[name],
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return kept
}
