import { readField, toComparable } from './fields.ts'
import type { Comparable, FieldPath } from './fields.ts'

/**
 * The keys of rows by the value of one field. Values that only one row has are no Set of their own: ids and the like cost
 * one entry of a Map each.
 */
export class FieldIndex {
  readonly #path: FieldPath
  readonly #keys = new Map<Comparable, string | Set<string>>()
  /** Rows whose value is compared by rules of TanStack's own. */
  readonly #others = new Set<string>()

  constructor(path: FieldPath, rows: ReadonlyMap<string, object>) {
    this.#path = path
    for (const [key, row] of rows) this.add(key, row)
  }

  add(key: string, row: object): void {
    const field = readField(row, this.#path)
    const value = toComparable(field)
    if (value === undefined) {
      if (field !== null && field !== undefined) this.#others.add(key)
      return
    }
    const known = this.#keys.get(value)
    if (known === undefined) this.#keys.set(value, key)
    else if (typeof known === 'string') {
      if (known !== key) this.#keys.set(value, new Set([known, key]))
    } else known.add(key)
  }

  delete(key: string, row: object): void {
    const value = toComparable(readField(row, this.#path))
    if (value === undefined) {
      this.#others.delete(key)
      return
    }
    const known = this.#keys.get(value)
    if (known === key) this.#keys.delete(value)
    else if (typeof known === 'object') {
      known.delete(key)
      if (known.size === 0) this.#keys.delete(value)
    }
  }

  /** Returns how many rows have one of the values, at most. */
  count(values: ReadonlySet<Comparable>): number {
    let count = this.#others.size
    for (const value of values) {
      const known = this.#keys.get(value)
      if (known !== undefined) count += typeof known === 'string' ? 1 : known.size
    }
    return count
  }

  /** Yields the keys of rows that have one of the values, and of those of which that is not known. */
  *find(values: ReadonlySet<Comparable>): Generator<string, void> {
    for (const value of values) {
      const known = this.#keys.get(value)
      if (typeof known === 'string') yield known
      else if (known !== undefined) yield* known
    }
    yield* this.#others
  }
}
