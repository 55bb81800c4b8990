import { toComparable, readField } from './fields.ts'
import type { Comparable, FieldPath } from './fields.ts'
import { equalityField } from './predicate.ts'
import type { Subset } from './subset.ts'

interface Field {
  readonly path: FieldPath
  readonly byValue: Map<Comparable, Set<Subset>>
}

/**
 * The subsets of a collection, found by what a row has in their fields: a live event is not compared with every query of a
 * page, nor with every key of a join.
 */
export class Subsets {
  readonly #all = new Set<Subset>()
  /** Those without an equality, which any row may concern. */
  readonly #any = new Set<Subset>()
  readonly #fields = new Map<string, Field>()

  add(subset: Subset): void {
    this.#all.add(subset)
    const [equality] = subset.predicate.equalities
    if (equality === undefined) {
      this.#any.add(subset)
      return
    }
    const name = equalityField(equality)
    let field = this.#fields.get(name)
    if (field === undefined) this.#fields.set(name, (field = { path: equality.path, byValue: new Map() }))
    for (const value of equality.values) {
      const found = field.byValue.get(value)
      if (found === undefined) field.byValue.set(value, new Set([subset]))
      else found.add(subset)
    }
  }

  delete(subset: Subset): void {
    this.#all.delete(subset)
    this.#any.delete(subset)
    const [equality] = subset.predicate.equalities
    if (equality === undefined) return
    const name = equalityField(equality)
    const field = this.#fields.get(name)
    for (const value of equality.values) {
      const found = field?.byValue.get(value)
      found?.delete(subset)
      if (found?.size === 0) field?.byValue.delete(value)
    }
    if (field?.byValue.size === 0) this.#fields.delete(name)
  }

  clear(): void {
    this.#all.clear()
    this.#any.clear()
    this.#fields.clear()
  }

  get size(): number {
    return this.#all.size
  }

  [Symbol.iterator](): Iterator<Subset> {
    return this.#all.values()
  }

  /** Adds to `found` the subsets that a row may be of. */
  collect(row: object, found: Set<Subset>): void {
    for (const subset of this.#any) found.add(subset)
    for (const { path, byValue } of this.#fields.values()) {
      const value = toComparable(readField(row, path))
      const subsets = value === undefined ? undefined : byValue.get(value)
      if (subsets !== undefined) for (const subset of subsets) found.add(subset)
      // TanStack compares such a value by rules of its own.
      else if (value === undefined && isObject(readField(row, path))) {
        for (const each of byValue.values()) for (const subset of each) found.add(subset)
      }
    }
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
