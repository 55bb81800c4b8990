import { buildWhenIdle } from './build-when-idle.ts'
import { FieldIndex } from './field-index.ts'
import { pathText } from './fields.ts'
import type { Equality, Predicate } from './predicate.ts'

/** Is given each row that is found; what it returns is not looked at. */
type Visit = (key: string, row: object) => void

/**
 * A field that is asked by for so many times gets an index at once: building one takes as long as looking at each row so
 * often. Before, it is built when there is time.
 */
const asksForIndex = 4

/** Of fewer rows an index is not worth anything before it is asked for. */
const manyRows = 5_000

/** From which share of the rows on it is less work to build an index anew than to keep it up to date. */
const rebuildShare = 4

/** All rows of a collection that the log has, by key, and indexes of the fields that queries have asked by. */
export class RowStore {
  readonly #primaryKey: string
  readonly #signal: AbortSignal | undefined
  #rows = new Map<string, object>()
  // By the text of its path.
  readonly #indexes = new Map<string, FieldIndex>()
  /** How often queries have asked by a field that has no index. */
  readonly #asked = new Map<string, number>()
  /** Fields of which an index is being built. */
  readonly #building = new Set<string>()
  /** Another number as soon as a row changes. */
  #version = 0

  /** `signal`: aborts when nothing is to run any more. */
  constructor(primaryKey: string, signal?: AbortSignal) {
    this.#primaryKey = primaryKey
    this.#signal = signal
  }

  get rows(): ReadonlyMap<string, object> {
    return this.#rows
  }

  /** Drops every row; those who hold the Map have them still. */
  clear(): void {
    this.#version++
    this.#rows = new Map()
    this.#indexes.clear()
  }

  /** Takes a Map over as all of the rows: it belongs to the store from now on. */
  adopt(rows: Map<string, object>): void {
    this.#version++
    this.#rows = rows
    this.#indexes.clear()
  }

  /** Says that so many changes come: an index that most of them would change is dropped. */
  expect(count: number): void {
    if (count > 1000 && count > this.#rows.size / rebuildShare) this.#indexes.clear()
  }

  put(key: string, before: object | undefined, row: object): void {
    this.#version++
    this.#rows.set(key, row)
    for (const index of this.#indexes.values()) {
      if (before !== undefined) index.delete(key, before)
      index.add(key, row)
    }
  }

  delete(key: string, before: object): void {
    this.#version++
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
    const known = this.#indexes.get(text)
    if (known !== undefined) return known
    const asked = (this.#asked.get(text) ?? 0) + 1
    this.#asked.set(text, asked)
    if (asked < asksForIndex) {
      this.#buildLater(path, text)
      return undefined
    }
    const index = new FieldIndex(path, this.#rows)
    this.#indexes.set(text, index)
    return index
  }

  /** Where a row changes meanwhile, it is built the next time. */
  #buildLater(path: Equality['path'], text: string): void {
    if (this.#building.has(text) || this.#rows.size < manyRows) return
    this.#building.add(text)
    const version = this.#version
    buildWhenIdle({
      path,
      rows: this.#rows,
      signal: this.#signal,
      isCurrent: () => version === this.#version && !this.#indexes.has(text),
      onEnd: (index) => {
        this.#building.delete(text)
        if (index !== undefined) this.#indexes.set(text, index)
      },
    })
  }
}
