import type { Predicate } from './predicate.ts'
import type { RowOrder } from './row-order.ts'
import type { RowStore } from './row-store.ts'
import type { Moves, Subset } from './subset.ts'

/** A row, and its key, which places rows that are equal by the order. */
interface Entry {
  readonly key: string
  readonly row: object
}

/** The first rows of a predicate, in memory, in their order: more than the window shows, so that a delete costs no search. */
type Buffer =
  /** Nothing is known. */
  | { readonly name: 'stale' }
  /** `entries`: the first rows; all of them where `isWhole`. */
  | { readonly name: 'sorted'; entries: Entry[]; isWhole: boolean }
  /** Some row has no place in the order: every row of the predicate is needed. */
  | { readonly name: 'unordered' }

/**
 * The first rows of a predicate in some order, as many as the largest window over it needs, and the rows that are equal to
 * the last of them by the first field: TanStack decides which of those it shows.
 */
export class OrderedWindow implements Subset {
  readonly predicate: Predicate
  readonly keys: Set<string> = new Set()
  readonly #order: RowOrder
  // How many rows each of the windows needs, by what it was asked with.
  readonly #counts = new Map<object, number>()
  #buffer: Buffer = { name: 'stale' }
  #isSettled = false
  #isWide = false
  /** The last row that is loaded. */
  #last: Entry | undefined

  constructor(predicate: Predicate, order: RowOrder) {
    this.predicate = predicate
    this.#order = order
  }

  /** Adds a window of the first `count` rows. */
  add(owner: object, count: number): void {
    this.#counts.set(owner, count)
    this.#isSettled = false
  }

  /** Removes a window; returns whether others are left. */
  remove(owner: object): boolean {
    this.#counts.delete(owner)
    this.#isSettled = false
    return this.#counts.size > 0
  }

  /** Needs every row of the predicate from now on. */
  widen(): void {
    this.#buffer = { name: 'unordered' }
    this.#isWide = true
    this.#isSettled = false
  }

  change(key: string, before: object | undefined, after: object | undefined): void {
    this.#isSettled = false
    const buffer = this.#buffer
    if (buffer.name !== 'sorted') return
    if (before !== undefined) this.#take(buffer.entries, { key, row: before })
    if (after === undefined || !this.predicate.matches(after)) return
    if (!this.#order.canPlace(after)) {
      this.#buffer = { name: 'unordered' }
      return
    }
    const { entries } = buffer
    const entry = { key, row: after }
    const at = this.#placeOf(entries, entry)
    if (at === entries.length && !buffer.isWhole) return
    entries.splice(at, 0, entry)
    const most = 2 * this.#capacity
    if (entries.length <= most) return
    entries.length = this.#capacity
    buffer.isWhole = false
  }

  invalidate(): void {
    this.#buffer = { name: this.#isWide ? 'unordered' : 'stale' }
    this.#isSettled = false
  }

  settle(store: RowStore, moves: Moves): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const gone = new Set(this.keys)
    for (const key of this.#first(store)) {
      if (gone.delete(key)) continue
      this.keys.add(key)
      moves.come(key)
    }
    for (const key of gone) {
      this.keys.delete(key)
      moves.go(key)
    }
  }

  /** Returns the keys that the largest window needs. */
  #first(store: RowStore): Iterable<string> {
    const count = Math.max(0, ...this.#counts.values())
    let capacity = this.#capacity
    for (;;) {
      const buffer = this.#buffer
      if (buffer.name === 'unordered') return keysOf(store, this.predicate)
      const end = buffer.name === 'sorted' ? this.#endOf(buffer.entries, count) : 0
      if (buffer.name === 'sorted' && (buffer.isWhole || end < buffer.entries.length)) {
        const loaded = buffer.entries.slice(0, this.#withLoaded(buffer.entries, count, end))
        this.#last = loaded.at(-1)
        return loaded.map(({ key }) => key)
      }
      this.#fill(store, capacity)
      // Where so many rows are equal by the first field, they are all needed.
      capacity *= 4
    }
  }

  /**
   * Returns where loaded rows end: those that were loaded stay for a while, though others came before them. Every row
   * that leaves makes TanStack ask for the whole window again.
   */
  #withLoaded(entries: readonly Entry[], count: number, end: number): number {
    if (this.#last === undefined || this.keys.size === 0) return end
    let loaded = this.#placeOf(entries, this.#last)
    if (entries[loaded]?.key === this.#last.key) loaded++
    return loaded > end && loaded - end <= count + 16 ? loaded : end
  }

  /** Returns how many entries are the first `count` and those that equal the last of them by the first field. */
  #endOf(entries: readonly Entry[], count: number): number {
    const last = entries[count - 1]
    if (last === undefined) return entries.length
    let end = count
    for (let next = entries[end]; next !== undefined; next = entries[++end]) {
      if (this.#order.compareFirst(last.row, next.row) !== 0) break
    }
    return end
  }

  get #capacity(): number {
    return 2 * Math.max(0, ...this.#counts.values()) + 32
  }

  /** Looks for the first `capacity` rows. */
  #fill(store: RowStore, capacity: number): void {
    let entries: Entry[] = []
    let isWhole = true
    let bound: Entry | undefined
    const cut = (): void => {
      entries.sort(this.#compare)
      if (entries.length <= capacity) return
      entries = entries.slice(0, capacity)
      isWhole = false
      bound = entries[capacity - 1]
    }
    let isOrdered = true
    store.select(this.predicate, (key, row) => {
      isOrdered &&= this.#order.canPlace(row)
      if (!isOrdered) return
      const entry = { key, row }
      if (bound !== undefined && this.#compare(entry, bound) >= 0) return
      entries.push(entry)
      if (entries.length >= 4 * capacity) cut()
    })
    cut()
    this.#buffer = isOrdered ? { name: 'sorted', entries, isWhole } : { name: 'unordered' }
  }

  readonly #compare = (left: Entry, right: Entry): number => {
    const result = this.#order.compare(left.row, right.row)
    if (result !== 0) return result
    return left.key < right.key ? -1 : left.key > right.key ? 1 : 0
  }

  /** Returns where an entry is, or is to be. */
  #placeOf(entries: readonly Entry[], entry: Entry): number {
    let from = 0
    let to = entries.length
    while (from < to) {
      const middle = (from + to) >> 1
      const other = entries[middle]
      if (other !== undefined && this.#compare(other, entry) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  #take(entries: Entry[], entry: Entry): void {
    const at = this.#placeOf(entries, entry)
    if (entries[at]?.key === entry.key) entries.splice(at, 1)
  }
}

function keysOf(store: RowStore, predicate: Predicate): string[] {
  const keys: string[] = []
  store.select(predicate, (key) => void keys.push(key))
  return keys
}
