import type { StoredChange, StoredRow } from '@streamdb/log'

/** Stands for the value of a row that was deleted. */
const deleted = Symbol('deleted')
/** Stands for the value where the row before stays, or where a later place of the key says all. */
const none = Symbol('none')
/** The place of a key that came and went behind its first one. */
const gone = -1
/** How many refused values of a key are kept: of more, some of the older ones are gone when another schema would take them. */
const mostRefused = 16

/** Rows that were there before, changed piece by piece. */
export interface Merge {
  /** Returns what is left of the next of the rows; the same array where nothing of it changes. */
  readonly next: (rows: readonly StoredRow[]) => readonly StoredRow[]
  /** Yields the rows that come behind all of them. */
  readonly rest: () => Generator<StoredRow, void>
}

/**
 * Changes of rows, folded: the last of each key, in the order in which rows were first put.
 *
 * A deleted key that is put again has a new place, as it has in the log. Columns in place of an object a row: a first load
 * keeps a hundred thousand of them until they are saved, and what it keeps is copied by the garbage collector.
 */
export class RowLog {
  /** The last place of each key. */
  readonly #byType = new Map<string, Map<string, number>>()
  // By place: of whom the change is, and what it is.
  #types: string[] = []
  #keys: string[] = []
  #values: unknown[] = []
  // Few places have these.
  #versions = new Map<number, number>()
  /** What came after the value, and the schema refused, in order: another schema may take some of it. */
  #refused = new Map<number, readonly StoredRow[]>()
  /** The key was deleted before, and so has a new place among the rows. */
  #moved = new Set<number>()
  #voids = 0

  /** How many keys are changed. */
  get size(): number {
    return this.#keys.length - this.#voids
  }

  put(type: string, key: string, value: unknown, version = 1): void {
    const places = this.#placesOf(type)
    const place = places.get(key)
    if (place === undefined) places.set(key, this.#add(type, key, value, version))
    else if (this.#isVoid(place) || this.#values[place] === deleted) {
      this.#refused.delete(place)
      this.#moved.add(this.#keys.length)
      places.set(key, this.#add(type, key, value, version))
    } else {
      this.#values[place] = value
      if (version !== 1) this.#versions.set(place, version)
      else if (this.#versions.size > 0) this.#versions.delete(place)
      if (this.#refused.size > 0) this.#refused.delete(place)
    }
  }

  delete(type: string, key: string): void {
    const places = this.#placesOf(type)
    const place = places.get(key)
    if (place === undefined) places.set(key, this.#add(type, key, deleted, 1))
    else if (this.#values[place] === deleted) this.#refused.delete(place)
    else if (!this.#isVoid(place)) {
      this.#refused.delete(place)
      this.#versions.delete(place)
      // Of a moved one its first place says already that the row before is gone.
      const isMoved = this.#moved.has(place)
      this.#values[place] = isMoved ? none : deleted
      if (isMoved) this.#countVoid()
    }
  }

  /** Takes note of a row that the schema refused. */
  refuse(row: StoredRow): void {
    const [type, key] = row
    const places = this.#placesOf(type)
    let place = places.get(key)
    if (place === undefined || this.#isVoid(place)) {
      if (place !== undefined) this.#moved.add(this.#keys.length)
      place = this.#add(type, key, none, 1)
      places.set(key, place)
    }
    this.#refused.set(place, [...this.#refusedAt(place), row].slice(-mostRefused))
  }

  /** Applies a change as it is stored. */
  add(change: StoredChange): void {
    if (change.length === 2) this.delete(change[0], change[1])
    else if (change[4] === true) this.refuse(change)
    else this.put(change[0], change[1], change[2], change[3])
  }

  /** Applies the changes of another log, which came later. */
  addAll(later: RowLog): void {
    for (const change of later.changes()) this.add(change)
  }

  /** Yields all changes; applied in this order, they lead to the same rows in the same order. */
  *changes(): Generator<StoredChange, void> {
    for (let place = 0; place < this.#keys.length; place++) {
      const change = this.#changeAt(place)
      if (change !== undefined) yield change
      yield* this.#refusedAt(place)
    }
  }

  /** Puts the changes onto rows that were there before, in their order. */
  merge(): Merge {
    const placed = new Set<number>()
    const kept = new Map<number, number>()
    return {
      next: (rows) => {
        let merged: StoredRow[] | undefined
        for (const [index, row] of rows.entries()) {
          const place = this.#byType.get(row[0])?.get(row[1])
          if (place === undefined) merged?.push(row)
          else {
            merged ??= rows.slice(0, index)
            merged.push(...this.#changed(row, place, { placed, kept }))
          }
        }
        return merged ?? rows
      },
      rest: function* (this: RowLog) {
        for (let place = 0; place < this.#keys.length; place++) {
          const change = placed.has(place) ? undefined : this.#changeAt(place)
          if (change !== undefined && change.length !== 2) yield change
          // Behind all that was there before, of the same key too.
          yield* this.#refusedAt(place)
        }
      }.bind(this),
    }
  }

  /** Returns what a row becomes that was there before. `kept`: how many refused ones of a place were. */
  #changed(
    row: StoredRow,
    place: number,
    { placed, kept }: { readonly placed: Set<number>; readonly kept: Map<number, number> },
  ): readonly StoredRow[] {
    if (place === gone) return []
    const change = this.#changeAt(place)
    if (this.#moved.has(place) || change?.length === 2) return []
    if (row[4] !== true) {
      placed.add(place)
      return [change ?? row]
    }
    // What was refused before is older than the change.
    const count = (kept.get(place) ?? 0) + 1
    if (change !== undefined || count + this.#refusedAt(place).length > mostRefused) return []
    kept.set(place, count)
    return [row]
  }

  #refusedAt(place: number): readonly StoredRow[] {
    return this.#refused.get(place) ?? []
  }

  #changeAt(place: number): StoredChange | undefined {
    const value = this.#values[place]
    if (value === none) return undefined
    // Every place has both.
    const type = this.#types[place] ?? ''
    const key = this.#keys[place] ?? ''
    if (value === deleted) return [type, key]
    const version = this.#versions.size === 0 ? undefined : this.#versions.get(place)
    return version === undefined ? [type, key, value] : [type, key, value, version]
  }

  #placesOf(type: string): Map<string, number> {
    let places = this.#byType.get(type)
    if (places === undefined) this.#byType.set(type, (places = new Map<string, number>()))
    return places
  }

  #add(type: string, key: string, value: unknown, version: number): number {
    const place = this.#keys.length
    this.#types.push(type)
    this.#keys.push(key)
    this.#values.push(value)
    if (version !== 1) this.#versions.set(place, version)
    return place
  }

  #isVoid(place: number): boolean {
    return place === gone || (this.#values[place] === none && !this.#refused.has(place))
  }

  #countVoid(): void {
    this.#voids++
    // A key that comes and goes for ever is one change.
    if (this.#voids >= 1000 && this.#voids * 2 >= this.#keys.length) this.#removeVoids()
  }

  #removeVoids(): void {
    const [types, keys, values] = [this.#types, this.#keys, this.#values]
    const [versions, refused, moved] = [this.#versions, this.#refused, this.#moved]
    const isKept = keys.map((_, place) => !this.#isVoid(place))
    this.#types = []
    this.#keys = []
    this.#values = []
    this.#versions = new Map()
    this.#refused = new Map()
    this.#moved = new Set()
    this.#voids = 0
    for (const [place, key] of keys.entries()) {
      const type = types[place] ?? ''
      const places = this.#placesOf(type)
      const isLast = places.get(key) === place
      if (!(isKept[place] ?? false)) {
        if (isLast) places.set(key, gone)
        continue
      }
      const next = this.#add(type, key, values[place], versions.get(place) ?? 1)
      if (isLast) places.set(key, next)
      const rows = refused.get(place)
      if (rows !== undefined) this.#refused.set(next, rows)
      if (moved.has(place)) this.#moved.add(next)
    }
  }
}
