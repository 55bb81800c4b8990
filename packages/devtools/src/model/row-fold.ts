import { effectCode, isChange } from './event-block.ts'
import type { EventStore } from './event-store.ts'

/**
 * What a row is at a point of the log, as a number: `absent`, the text kept of it in `base`, or `offset` and the number of the
 * event that put it.
 */
const absent = 0
const base = 1
const offset = 2

/** The rows at a point of the log, and what an open snapshot holds so far. */
interface FoldState {
  position: number
  codes: Uint32Array
  snapshot: Map<number, number> | undefined
}

/** So many events lie between two checkpoints: a step back folds at most these. */
const checkpointEvery = 2 ** 16

const snapshotStart = effectCode('snapshot-start')
const snapshotEnd = effectCode('snapshot-end')
const reset = effectCode('reset')
const restart = effectCode('restart')
const deletes = effectCode('delete')

/**
 * Rows as they stood before any event of a store.
 *
 * A row is the number of the event that put it: folding an event is two array accesses, a checkpoint is a copy of four bytes
 * a row. The text of an event that the store drops stays where it is the newest of its row.
 */
export class RowFold {
  readonly #store: EventStore
  readonly #checkpoints: FoldState[] = []
  #base = new Map<number, string>()
  #current: FoldState = { position: 0, codes: new Uint32Array(1024), snapshot: undefined }

  constructor(store: EventStore) {
    this.#store = store
    this.#current.position = store.first
    store.onDrop((first) => this.#drop(first))
    store.onMarked((number) => this.#forgetBehind(number))
  }

  /**
   * Returns the event text of every row that stood before event `position`, by the row's number, as a function: it is valid
   * until the next call. And the numbers of the rows of a type, or of all.
   */
  at(position: number): RowsAt {
    const state = this.#moveTo(Math.max(this.#store.first, Math.min(position, this.#store.end)))
    return new RowsAt(state.codes, this.#store, this.#base)
  }

  #moveTo(position: number): FoldState {
    const found = this.#checkpointBefore(position)
    if (this.#current.position > position) this.#current = found ? copyOf(found) : this.#beginning()
    else if (found && found.position > this.#current.position) this.#current = copyOf(found)
    while (this.#current.position < position) this.#step(this.#current)
    return this.#current
  }

  #checkpointBefore(position: number): FoldState | undefined {
    for (let index = this.#checkpoints.length - 1; index >= 0; index--) {
      const found = this.#checkpoints[index]
      if (found !== undefined && found.position <= position) return found
    }
    return undefined
  }

  #beginning(): FoldState {
    const codes = new Uint32Array(this.#store.rows.size + 1024)
    for (const row of this.#base.keys()) codes[row] = base
    return { position: this.#store.first, codes, snapshot: undefined }
  }

  #step(state: FoldState): void {
    const number = state.position
    const code = this.#store.effectOf(number)
    if (isChange(code)) {
      const row = this.#store.rowOf(number)
      const value = code === deletes ? absent : number + offset
      if (state.snapshot !== undefined) state.snapshot.set(row, value)
      else {
        if (row >= state.codes.length) state.codes = grown(state.codes, this.#store.rows.size + 1)
        state.codes[row] = value
      }
    } else if (code === reset || code === restart) {
      state.codes.fill(absent)
      state.snapshot = undefined
    } else if (code === snapshotStart) {
      state.snapshot = new Map()
    } else if (code === snapshotEnd && state.snapshot !== undefined) {
      state.codes = grown(state.codes.fill(absent), this.#store.rows.size + 1)
      for (const [row, value] of state.snapshot) state.codes[row] = value
      state.snapshot = undefined
    }
    state.position++
    const last = this.#checkpoints.at(-1)?.position ?? this.#store.first
    if (state.position >= last + checkpointEvery) this.#checkpoints.push(copyOf(state))
  }

  /** Keeps the texts of the rows whose events go. */
  #drop(first: number): void {
    const { codes, snapshot } = this.#moveTo(first)
    const kept = new Map<number, string>()
    for (let row = 1; row < codes.length; row++) {
      const text = textBy(codes[row] ?? absent, row, { store: this.#store, texts: this.#base })
      if (text === undefined) continue
      kept.set(row, text)
      codes[row] = base
    }
    this.#base = kept
    this.#checkpoints.length = 0
    // What an open snapshot held before is not kept: rows that are not put again behind it are gone at its end.
    const left = snapshot && new Map([...snapshot].filter(([, code]) => code === absent))
    this.#current = { position: first, codes, snapshot: left }
    this.#checkpoints.push(copyOf(this.#current))
  }

  #forgetBehind(number: number): void {
    while ((this.#checkpoints.at(-1)?.position ?? 0) > number) this.#checkpoints.pop()
    if (this.#current.position <= number) return
    const found = this.#checkpoints.at(-1)
    this.#current = found ? copyOf(found) : this.#beginning()
  }
}

/** The rows at a point of the log. */
export class RowsAt {
  readonly #codes: Uint32Array
  readonly #store: EventStore
  readonly #texts: ReadonlyMap<number, string>

  constructor(codes: Uint32Array, store: EventStore, texts: ReadonlyMap<number, string>) {
    this.#codes = codes
    this.#store = store
    this.#texts = texts
  }

  has(row: number): boolean {
    return (this.#codes[row] ?? absent) !== absent
  }

  /** Returns what tells one state of a row from another: the same number as long as no event put it. */
  stamp(row: number): number {
    return this.#codes[row] ?? absent
  }

  /** Returns the event that put a row, as JSON; nothing where there is no such row. */
  text(row: number): string | undefined {
    return textBy(this.stamp(row), row, { store: this.#store, texts: this.#texts })
  }

  /** Returns the row as the log has it; nothing where there is none. */
  value(row: number): unknown {
    const text = this.text(row)
    // Only an event with a value puts a row.
    return text === undefined ? undefined : (JSON.parse(text) as { readonly value?: unknown }).value
  }

  /** Returns the numbers of the rows of a type, in the order in which they were first met. */
  rowsOf(type: string): Uint32Array {
    const { rows } = this.#store
    const wanted = rows.typeNumber(type)
    const found = new Uint32Array(this.#codes.length)
    let count = 0
    for (let row = 1; row < this.#codes.length; row++) {
      if (this.#codes[row] !== absent && rows.typeNumberOf(row) === wanted) found[count++] = row
    }
    return found.slice(0, count)
  }

  /** Counts the rows, by type; types without a row as well. */
  counts(): ReadonlyMap<string, number> {
    const { rows } = this.#store
    const byNumber = new Uint32Array(rows.types.length + 1)
    for (let row = 1; row < this.#codes.length; row++) {
      if (this.#codes[row] === absent) continue
      const type = rows.typeNumberOf(row)
      byNumber[type] = (byNumber[type] ?? 0) + 1
    }
    return new Map(rows.types.map((type, index) => [type, byNumber[index + 1] ?? 0]))
  }
}

interface Texts {
  readonly store: EventStore
  readonly texts: ReadonlyMap<number, string>
}

function textBy(code: number, row: number, { store, texts }: Texts): string | undefined {
  if (code === absent) return undefined
  return code === base ? texts.get(row) : store.textOf(code - offset)
}

function copyOf({ position, codes, snapshot }: FoldState): FoldState {
  return { position, codes: codes.slice(), snapshot: snapshot && new Map(snapshot) }
}

function grown(codes: Uint32Array, length: number): Uint32Array {
  if (codes.length >= length) return codes
  const larger = new Uint32Array(Math.max(length, codes.length * 2))
  larger.set(codes)
  return larger
}
