import { isChangeEvent } from './events.ts'
import type { ChangeEvent, ControlEvent, StateEvent } from './events.ts'

/** Rows by type, then by key. A key whose row is `undefined` was deleted. */
export type TouchedRows = Map<string, Map<string, unknown>>

/**
 * The result of folding events: every touched key with its last row, and whether these rows replace all others.
 *
 * To apply it, drop every row if `replaces`, then put or delete each touched row.
 */
export interface Changes {
  /** The rows to put, and the keys to delete. Maps, so that `__proto__` is a type like any other (SPEC P5). */
  rows: TouchedRows
  /** A reset or a complete snapshot removed every row that `rows` does not hold. */
  replaces: boolean
  /** The changes of a snapshot that has begun and not ended: nothing of it is visible yet (SPEC M5). */
  snapshot: Changes | undefined
  /** The transactions whose rows are visible, or void, once the changes are applied. */
  txids: Set<string>
}

/** Returns changes that change nothing. */
export function noChanges(): Changes {
  return { rows: new Map(), replaces: false, snapshot: undefined, txids: new Set() }
}

/**
 * Folds `events`, in order, into `changes`, and returns `changes`.
 *
 * A key's last write is the only one that counts (SPEC M1, M2), so a log cut into batches in any way ends at
 * the same state (SPEC M6), and only last rows are ever handed on. Pure but for `changes`.
 */
export function fold(events: Iterable<StateEvent>, changes: Changes = noChanges()): Changes {
  for (const event of events) {
    if (isChangeEvent(event)) foldChange(changes, event, event.value)
    else foldControl(changes, event)
  }
  return changes
}

/**
 * Folds one change, with the row that is to stand for its value (validated, say, or wrapped). `key`: the text that is kept
 * as its key, where another one than the event's is, which is equal to it.
 */
export function foldChange(
  changes: Changes,
  event: ChangeEvent,
  row: unknown,
  key: string = event.key,
): void {
  const target = changes.snapshot ?? changes
  let rows = target.rows.get(event.type)
  if (rows === undefined) target.rows.set(event.type, (rows = new Map<string, unknown>()))
  const { operation, txid } = event.headers
  rows.set(key, operation === 'delete' ? undefined : row)
  if (typeof txid === 'string') target.txids.add(txid)
}

/** Folds one control event. The `offset` of a `reset` is not read here: it concerns the reader of the stream. */
export function foldControl(changes: Changes, event: ControlEvent): void {
  const { control } = event.headers
  const open = changes.snapshot
  // Each control ends an open snapshot: `snapshot-end` makes it visible; any other drops it, as its writer died (SPEC M5).
  // In both cases its transactions are decided now.
  changes.snapshot = control === 'snapshot-start' ? noChanges() : undefined
  open?.txids.forEach((txid) => changes.txids.add(txid))
  // A snapshot of a log holds rows of transactions that it does not repeat, and names the last of them (docs/snapshots.md).
  if (changes.snapshot) addTxids(changes.snapshot.txids, event.headers['txids'])
  const rows = control === 'reset' ? new Map() : control === 'snapshot-end' ? open?.rows : undefined
  if (rows === undefined) return
  changes.rows = rows
  changes.replaces = true
}

function addTxids(txids: Set<string>, named: unknown): void {
  if (!Array.isArray(named)) return
  for (const txid of named) if (typeof txid === 'string') txids.add(txid)
}

/** Takes what is visible out of `changes`, and leaves it empty but for an open snapshot. */
export function takeChanges(changes: Changes): Changes {
  const taken = { ...changes, snapshot: undefined }
  Object.assign(changes, noChanges(), { snapshot: changes.snapshot })
  return taken
}
