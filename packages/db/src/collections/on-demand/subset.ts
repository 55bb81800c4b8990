import type { Predicate } from './predicate.ts'
import type { RowStore } from './row-store.ts'

/** Rows that queries need, kept up to date: those of a predicate, or the first of them in some order. */
export interface Subset {
  readonly predicate: Predicate
  readonly keys: ReadonlySet<string>
  /** Takes note of a row that was put, replaced or deleted. */
  change(key: string, before: object | undefined, after: object | undefined): void
  /** Everything may be another. */
  invalidate(): void
  /** Brings `keys` up to date; tells which keys have come and gone since the last call. */
  settle(store: RowStore, moves: Moves): void
}

/** Is told of keys that a subset needs from now on, or no longer. */
export interface Moves {
  come(key: string): void
  go(key: string): void
}

/** All rows of a predicate. */
export class FilteredRows implements Subset {
  readonly predicate: Predicate
  readonly keys: Set<string> = new Set()
  #isStale = true
  // Keys that may have come or gone, with whether they are wanted now.
  readonly #changed = new Map<string, boolean>()

  constructor(predicate: Predicate) {
    this.predicate = predicate
  }

  change(key: string, _before: object | undefined, after: object | undefined): void {
    if (this.#isStale) return
    const isWanted = after !== undefined && this.predicate.matches(after)
    if (isWanted !== this.keys.has(key)) this.#changed.set(key, isWanted)
    else this.#changed.delete(key)
  }

  invalidate(): void {
    this.#isStale = true
    this.#changed.clear()
  }

  settle(store: RowStore, moves: Moves): void {
    if (this.#isStale) {
      this.#isStale = false
      const gone = new Set(this.keys)
      store.select(this.predicate, (key) => {
        if (!gone.delete(key)) this.#come(key, moves)
      })
      for (const key of gone) this.#go(key, moves)
      return
    }
    for (const [key, isWanted] of this.#changed) {
      if (isWanted) this.#come(key, moves)
      else this.#go(key, moves)
    }
    this.#changed.clear()
  }

  #come(key: string, moves: Moves): void {
    this.keys.add(key)
    moves.come(key)
  }

  #go(key: string, moves: Moves): void {
    this.keys.delete(key)
    moves.go(key)
  }
}
