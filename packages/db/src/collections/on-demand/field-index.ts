import { readField, toComparable } from './fields.ts'
import type { Comparable, FieldPath } from './fields.ts'

/**
 * The keys of the rows that have one value. The only one is by itself, so that ids cost one entry of a Map each; several
 * are in an array, which is built in a quarter of the time of a Set, until one of many is to be found in it.
 */
type Keys = string | string[] | Set<string>

/** How many keys are looked through for one that goes. */
const SHORT = 32

/** The keys of rows by the value of one field. */
export class FieldIndex {
  readonly #path: FieldPath
  readonly #keys = new Map<Comparable, Keys>()
  /** Rows whose value is compared by rules of TanStack's own. */
  readonly #others = new Set<string>()

  constructor(path: FieldPath, rows?: ReadonlyMap<string, object>) {
    this.#path = path
    // A callback is compiled after a few calls, a loop only while it runs.
    rows?.forEach((row, key) => this.add(key, row))
  }

  /** Adds a row that is not in the index. */
  add(key: string, row: object): void {
    const field = readField(row, this.#path)
    const value = toComparable(field)
    if (value === undefined) {
      if (field !== null && field !== undefined) this.#others.add(key)
      return
    }
    const known = this.#keys.get(value)
    if (known === undefined) this.#keys.set(value, key)
    else if (typeof known === 'string') this.#keys.set(value, [known, key])
    else if (Array.isArray(known)) known.push(key)
    else known.add(key)
  }

  /** Removes a row that is in the index. */
  delete(key: string, row: object): void {
    const value = toComparable(readField(row, this.#path))
    if (value === undefined) {
      this.#others.delete(key)
      return
    }
    const known = this.#keys.get(value)
    if (known === key) this.#keys.delete(value)
    else if (typeof known === 'object') this.#deleteOf(known, key, value)
  }

  #deleteOf(known: string[] | Set<string>, key: string, value: Comparable): void {
    if (Array.isArray(known) && known.length <= SHORT) {
      const at = known.indexOf(key)
      if (at !== -1) known.splice(at, 1)
      if (known.length === 0) this.#keys.delete(value)
      return
    }
    const keys = Array.isArray(known) ? new Set(known) : known
    keys.delete(key)
    if (keys.size === 0) this.#keys.delete(value)
    else this.#keys.set(value, keys)
  }

  /** Returns how many rows have one of the values, at most. */
  count(values: ReadonlySet<Comparable>): number {
    let count = this.#others.size
    for (const value of values) {
      const known = this.#keys.get(value)
      if (known === undefined) continue
      count += typeof known === 'string' ? 1 : Array.isArray(known) ? known.length : known.size
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
