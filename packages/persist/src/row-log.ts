import type { StoredChange, StoredRow } from '@streamdb/log'

/** The last change of a key. */
interface Entry {
  readonly type: string
  readonly key: string
  /** Absent where the row before stays, and where a later entry says all. */
  change: StoredChange | undefined
  /** What came after it, and the schema refused. */
  refused: StoredRow | undefined
  /** It was deleted before, and so has a new place among the rows. */
  readonly isMoved: boolean
}

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
 * A deleted key that is put again has a new place, as it has in the log.
 */
export class RowLog {
  readonly #byType = new Map<string, Map<string, Entry>>()
  #entries: Entry[] = []
  #voids = 0

  /** How many keys are changed. */
  get size(): number {
    return this.#entries.length - this.#voids
  }

  put(row: StoredRow): void {
    const keys = this.#keysOf(row[0])
    const entry = keys.get(row[1])
    if (entry === undefined) add(this.#entries, keys, row, undefined, false)
    else if (entry.change?.length === 2 || isVoid(entry)) add(this.#entries, keys, row, undefined, true)
    else {
      entry.change = row
      entry.refused = undefined
    }
  }

  delete(type: string, key: string): void {
    const keys = this.#keysOf(type)
    const entry = keys.get(key)
    if (entry === undefined) add(this.#entries, keys, [type, key], undefined, false)
    else if (entry.change?.length !== 2 && !isVoid(entry)) {
      entry.refused = undefined
      // Of a moved one its first entry says already that the row before is gone.
      entry.change = entry.isMoved ? undefined : [type, key]
      if (entry.isMoved) this.#countVoid()
    }
  }

  /** Takes note of a row that the schema refused. */
  refuse(row: StoredRow): void {
    const keys = this.#keysOf(row[0])
    const entry = keys.get(row[1])
    if (entry === undefined) add(this.#entries, keys, [row[0], row[1]], row, false, true)
    else if (isVoid(entry)) add(this.#entries, keys, [row[0], row[1]], row, true, true)
    else entry.refused = row
  }

  /** Applies a change as it is stored. */
  add(change: StoredChange): void {
    if (change.length === 2) this.delete(change[0], change[1])
    else if (change[4] === true) this.refuse(change)
    else this.put(change)
  }

  /** Applies the changes of another log, which came later. */
  addAll(later: RowLog): void {
    for (const change of later.changes()) this.add(change)
  }

  /** Yields all changes; applied in this order, they lead to the same rows in the same order. */
  *changes(): Generator<StoredChange, void> {
    for (const { change, refused } of this.#entries) {
      if (change !== undefined) yield change
      if (refused !== undefined) yield refused
    }
  }

  /** Yields the rows alone, where there are none before. */
  *rows(): Generator<StoredRow, void> {
    for (const change of this.changes()) if (change.length !== 2) yield change
  }

  /** Puts the changes onto rows that were there before, in their order. */
  merge(): Merge {
    const placed = new Set<Entry>()
    return {
      next: (rows) => {
        let merged: StoredRow[] | undefined
        for (const [index, row] of rows.entries()) {
          const entry = this.#byType.get(row[0])?.get(row[1])
          if (entry === undefined) merged?.push(row)
          else {
            merged ??= rows.slice(0, index)
            merged.push(...changed(row, entry, placed))
          }
        }
        return merged ?? rows
      },
      rest: function* (this: RowLog) {
        for (const entry of this.#entries) {
          if (placed.has(entry)) continue
          if (entry.change !== undefined && entry.change.length !== 2) yield entry.change
          if (entry.refused !== undefined) yield entry.refused
        }
      }.bind(this),
    }
  }

  #keysOf(type: string): Map<string, Entry> {
    let keys = this.#byType.get(type)
    if (keys === undefined) this.#byType.set(type, (keys = new Map<string, Entry>()))
    return keys
  }

  #countVoid(): void {
    this.#voids++
    // A key that comes and goes for ever is one change.
    if (this.#voids < 1000 || this.#voids * 2 < this.#entries.length) return
    this.#entries = this.#entries.filter((entry) => !isVoid(entry))
    this.#voids = 0
  }
}

/** Returns what a row becomes that was there before. */
function changed(row: StoredRow, entry: Entry, placed: Set<Entry>): readonly StoredRow[] {
  const { change, refused, isMoved } = entry
  // What was refused before is older than the change, or was refused again.
  if (row[4] === true || isMoved || change?.length === 2) return []
  placed.add(entry)
  const now = change ?? row
  return refused === undefined ? [now] : [now, refused]
}

function add(
  entries: Entry[],
  keys: Map<string, Entry>,
  change: StoredChange,
  refused: StoredRow | undefined,
  isMoved: boolean,
  keeps = false,
): void {
  const [type, key] = change
  const entry = { type, key, change: keeps ? undefined : change, refused, isMoved }
  keys.set(key, entry)
  entries.push(entry)
}

function isVoid({ change, refused }: Entry): boolean {
  return change === undefined && refused === undefined
}
