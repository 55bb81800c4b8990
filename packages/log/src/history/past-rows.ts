import type { ChangeEvent } from '@streamdb/state'
import type { RowMove } from './types.ts'

/** Rows by type, then by key: each as the event that put it. */
export type PastRows = Map<string, Map<string, ChangeEvent>>

export function copyRows(rows: PastRows): PastRows {
  const copy: PastRows = new Map()
  for (const [type, keys] of rows) copy.set(type, new Map(keys))
  return copy
}

export function countRows(rows: PastRows): number {
  let count = 0
  for (const keys of rows.values()) count += keys.size
  return count
}

/** Puts a row, or removes it. A type without rows is absent. */
export function putRow(rows: PastRows, type: string, key: string, event: ChangeEvent | undefined): void {
  let keys = rows.get(type)
  if (event !== undefined) {
    if (keys === undefined) rows.set(type, (keys = new Map<string, ChangeEvent>()))
    keys.set(key, event)
  } else if (keys?.delete(key) === true && keys.size === 0) rows.delete(type)
}

/** Adds the moves that lead from some rows to others, by the events that put them. */
export function compareRows(from: PastRows, to: PastRows, moves: RowMove[] = []): RowMove[] {
  for (const [type, keys] of from) {
    const others = to.get(type)
    for (const [key, before] of keys) {
      const after = others?.get(key)
      if (after !== before) moves.push({ type, key, before, after })
    }
  }
  for (const [type, keys] of to) {
    const others = from.get(type)
    for (const [key, after] of keys) {
      if (others?.has(key) !== true) moves.push({ type, key, before: undefined, after })
    }
  }
  return moves
}
