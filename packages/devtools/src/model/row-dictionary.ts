/** A row of the log: what its events name. */
export interface RowName {
  readonly type: string
  readonly key: string
}

/** Numbers rows and types, from 1 in the order in which they were met; a number never changes. */
export class RowDictionary {
  readonly #typeNumbers = new Map<string, number>()
  readonly #types: string[] = ['']
  readonly #rowNumbers = new Map<string, Map<string, number>>()
  // By the number of a row: its key, and the number of its type.
  readonly #keys: string[] = ['']
  readonly #typesOfRows: number[] = [0]

  /** The types, in the order in which they were met. */
  get types(): readonly string[] {
    return this.#types.slice(1)
  }

  /** The largest number of a row. */
  get size(): number {
    return this.#keys.length - 1
  }

  /** Returns the number of a row, and gives it one where it has none. */
  number(type: string, key: string): number {
    let rows = this.#rowNumbers.get(type)
    if (rows === undefined) {
      rows = new Map<string, number>()
      this.#rowNumbers.set(type, rows)
      this.#typeNumbers.set(type, this.#types.length)
      this.#types.push(type)
    }
    let row = rows.get(key)
    if (row === undefined) {
      row = this.#keys.length
      rows.set(key, row)
      this.#keys.push(key)
      this.#typesOfRows.push(this.#typeNumbers.get(type) ?? 0)
    }
    return row
  }

  /** Returns the number of a row that was met; 0 otherwise. */
  find(type: string, key: string): number {
    return this.#rowNumbers.get(type)?.get(key) ?? 0
  }

  /** Returns the number of a type that was met; 0 otherwise. */
  typeNumber(type: string): number {
    return this.#typeNumbers.get(type) ?? 0
  }

  /** Returns the number of a row's type. */
  typeNumberOf(row: number): number {
    return this.#typesOfRows[row] ?? 0
  }

  /** Returns what a row is called; empty names where there is none of this number. */
  name(row: number): RowName {
    return { type: this.typeOf(row), key: this.#keys[row] ?? '' }
  }

  typeOf(row: number): string {
    return this.#types[this.typeNumberOf(row)] ?? ''
  }
}
