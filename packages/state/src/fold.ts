import { isChangeEvent } from './events.ts'
import type { ChangeEvent, ControlEvent, StateEvent } from './events.ts'

/** Rows by type, then by key. A key whose row is `undefined` was deleted. */
export type TouchedRows = Map<string, Map<string, unknown>>

/**
 * What a run of events amounts to: every touched key at its last row, and whether all else is gone.
 *
 * Whoever holds rows applies it: drop everything if `replaces`, then put or delete each touched row.
 */
export interface Changes {
  /** The rows to put, and the keys to delete. Maps, so that `__proto__` is a type like any other (DESIGN P5). */
  rows: TouchedRows
  /** A reset or a complete snapshot voided every row that `rows` does not hold. */
  replaces: boolean
  /** The rows of a snapshot that has begun and not ended: nothing of it is visible yet (DESIGN M5). */
  snapshot: TouchedRows | undefined
  /** The transactions seen. */
  readonly txids: Set<string>
}

/** Returns changes that change nothing. */
export function noChanges(): Changes {
  return { rows: new Map(), replaces: false, snapshot: undefined, txids: new Set() }
}

/**
 * Folds `events`, in order, into `changes`, and returns `changes`.
 *
 * A key's last write is the only one that counts (DESIGN M1, M2), so a log cut into batches in any way ends at
 * the same state (DESIGN M6), and only last rows are ever handed on. Pure but for `changes`.
 */
export function fold(events: Iterable<StateEvent>, changes: Changes = noChanges()): Changes {
  for (const event of events) {
    if (isChangeEvent(event)) foldChange(changes, event, event.value)
    else foldControl(changes, event)
  }
  return changes
}

/** Folds one change, with the row that is to stand for its value (validated, say, or wrapped). */
export function foldChange(changes: Changes, event: ChangeEvent, row: unknown): void {
  const target = changes.snapshot ?? changes.rows
  let rows = target.get(event.type)
  if (rows === undefined) target.set(event.type, (rows = new Map()))
  rows.set(event.key, event.headers.operation === 'delete' ? undefined : row)
  const txid = event.headers.txid
  if (typeof txid === 'string') changes.txids.add(txid)
}

/** Folds one control event. Where a `reset` sends the reader is for the reader to obey. */
export function foldControl(changes: Changes, event: ControlEvent): void {
  switch (event.headers.control) {
    case 'reset':
      changes.rows = new Map()
      changes.replaces = true
      changes.snapshot = undefined
      return
    case 'snapshot-start':
      // One that never ended is dropped here: its writer died (DESIGN M5).
      changes.snapshot = new Map()
      return
    case 'snapshot-end':
      if (changes.snapshot === undefined) return
      changes.rows = changes.snapshot
      changes.replaces = true
      changes.snapshot = undefined
  }
}

/** Takes what is visible out of `changes`, and leaves it empty but for an open snapshot. */
export function takeChanges(changes: Changes): Changes {
  const taken: Changes = { ...changes, txids: new Set(changes.txids), snapshot: undefined }
  changes.rows = new Map()
  changes.replaces = false
  changes.txids.clear()
  return taken
}
