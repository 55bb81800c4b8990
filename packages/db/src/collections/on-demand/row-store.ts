import { FieldIndex } from './field-index.ts'
import { pathText } from './fields.ts'
import type { Equality, Predicate } from './predicate.ts'

/** Is given each row that is found; what it returns is not looked at. */
type Visit = (key: string, row: object) => void

/** From which share of the rows on it is less work to build an index anew than to keep it up to date. */
const rebuildShare = 4

/** All rows of a collection that the log has, by key, and indexes of the fields that queries have asked by. */
export class RowStore {
  readonly #primaryKey: string
  #rows = new Map<string, object>()
  // By the text of its path.
  readonly #indexes = new Map<string, FieldIndex>()
  /** The fields that a query has asked by: one that is asked by again gets an index, which takes longer than one look. */
  readonly #asked = new Set<string>()

  constructor(primaryKey: string) {
    this.#primaryKey = primaryKey
  }

  get rows(): ReadonlyMap<string, object> {
    return this.#rows
  }

  /** Drops every row; those who hold the Map have them still. */
  clear(): void {
    this.#rows = new Map()
    this.#indexes.clear()
  }

  /** Says that so many changes come: an index that most of them would change is dropped. */
  expect(count: number): void {
    if (count > 1000 && count > this.#rows.size / rebuildShare) this.#indexes.clear()
  }

  put(key: string, before: object | undefined, row: object): void {
    this.#rows.set(before === undefined ? this.#ownText(key, row) : key, row)
    for (const index of this.#indexes.values()) {
      if (before !== undefined) index.delete(key, before)
      index.add(key, row)
    }
  }

  delete(key: string, before: object): void {
    this.#rows.delete(key)
    for (const index of this.#indexes.values()) index.delete(key, before)
  }

  /**
   * Visits the rows that fulfil a predicate: from an index where one can tell, else by looking at every row. By `forEach`:
   * a callback is compiled after a few calls, a loop only while it runs, and this is mostly done once.
   */
  select({ equalities, matches, isOpen }: Predicate, visit: Visit): void {
    const keys = isOpen ? undefined : this.#keysFor(equalities)
    if (keys === undefined) {
      this.#rows.forEach((row, key) => {
        if (isOpen || matches(row)) visit(key, row)
      })
      return
    }
    for (const key of keys) {
      const row = this.#rows.get(key)
      if (row !== undefined && matches(row)) visit(key, row)
    }
  }

  /** Returns a key as the text that the row holds itself: the event's is another one, as long, of which nobody has need. */
  #ownText(key: string, row: object): string {
    const own: unknown = Reflect.get(row, this.#primaryKey)
    return own === key ? own : key
  }

  /** Returns the keys that the most selective of several equalities leaves. */
  #keysFor(equalities: readonly Equality[]): Iterable<string> | undefined {
    let best: { readonly count: number; readonly keys: Iterable<string> } | undefined
    for (const { path, values } of equalities) {
      // A row's key is the text of its primary key.
      if (path.length === 1 && path[0] === this.#primaryKey) return Array.from(values, String)
      const index = this.#indexOf(path)
      if (index === undefined) continue
      const count = index.count(values)
      if (best === undefined || count < best.count) best = { count, keys: index.find(values) }
    }
    return best?.keys
  }

  #indexOf(path: Equality['path']): FieldIndex | undefined {
    const text = pathText(path)
    let index = this.#indexes.get(text)
    if (index === undefined && this.#asked.has(text)) {
      this.#indexes.set(text, (index = new FieldIndex(path, this.#rows)))
    }
    this.#asked.add(text)
    return index
  }
}
