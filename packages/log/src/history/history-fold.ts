import { foldChange, foldControl, isChangeEvent, noChanges, takeChanges } from '@streamdb/state'
import type { ChangeEvent, StateEvent } from '@streamdb/state'
import { compareRows, putRow } from './past-rows.ts'
import type { PastRows } from './past-rows.ts'
import type { RowMove } from './types.ts'

/** What an event that changed no row leaves: every event has a place of its own among the moves. */
const nothing: RowMove = { type: '', key: '', before: undefined, after: undefined }

/** Tells whether a move is of a row. */
export function isRowMove(move: RowMove): boolean {
  return move.before !== move.after
}

/** Folds events into rows, and writes down what each of them did, so that it can be undone (SPEC M1 to M5). */
export class HistoryFold {
  readonly rows: PastRows
  readonly #changes = noChanges()
  readonly #accepts: ((event: ChangeEvent) => boolean) | undefined

  /** `rows` are changed in place. What `accepts` refuses changes no row. */
  constructor(rows: PastRows, accepts?: (event: ChangeEvent) => boolean) {
    this.rows = rows
    this.#accepts = accepts
  }

  get isInsideSnapshot(): boolean {
    return this.#changes.snapshot !== undefined
  }

  /** Adds what an event does to `moves`. At least one move: the same events always make as many. */
  fold(event: StateEvent, moves: RowMove[]): void {
    if (isChangeEvent(event)) {
      if (this.#accepts?.(event) === false) {
        moves.push(nothing)
        return
      }
      if (this.#changes.snapshot === undefined) return this.#put(event, moves)
      foldChange(this.#changes, event, event)
      moves.push(nothing)
      return
    }
    foldControl(this.#changes, event)
    moves.push(nothing)
    if (!this.#changes.replaces) return
    const rows: PastRows = new Map()
    for (const [type, keys] of takeChanges(this.#changes).rows) {
      // The rows are the events that put them, as folded above.
      for (const [key, row] of keys) putRow(rows, type, key, row as ChangeEvent | undefined)
    }
    compareRows(this.rows, rows, moves)
    this.rows.clear()
    for (const [type, keys] of rows) this.rows.set(type, keys)
  }

  #put(event: ChangeEvent, moves: RowMove[]): void {
    const { type, key } = event
    const before = this.rows.get(type)?.get(key)
    const after = event.headers.operation === 'delete' ? undefined : event
    if (before === after) {
      moves.push(nothing)
      return
    }
    putRow(this.rows, type, key, after)
    moves.push({ type, key, before, after })
  }
}
