import type { Changes } from '@streamdb/state'
import type { WritableCollection } from '../apply.ts'
import type { Steps } from './steps.ts'

/**
 * Puts changes into the Maps of collections that are loaded on demand, and returns what of them TanStack is to be told: all
 * of the other collections, and of these the rows that queries need. Called once for changes, just before they are applied.
 *
 * Nothing is copied where every collection is eager.
 */
export function toLoadedRows(
  changes: Changes,
  collections: ReadonlyMap<string, WritableCollection>,
): Changes {
  let rows: Changes['rows'] | undefined
  for (const [type, { loadedRows }] of collections) {
    const changed = changes.rows.get(type)
    if (loadedRows === undefined || (changed === undefined && !changes.replaces)) continue
    rows ??= new Map(changes.rows)
    tell(rows, type, loadedRows.apply(changed, changes.replaces))
  }
  return rows === undefined ? changes : { ...changes, rows }
}

/** As `toLoadedRows`, in short steps. */
export function* toLoadedRowsInSteps(
  changes: Changes,
  collections: ReadonlyMap<string, WritableCollection>,
): Steps<Changes> {
  let rows: Changes['rows'] | undefined
  for (const [type, { loadedRows }] of collections) {
    const changed = changes.rows.get(type)
    if (loadedRows === undefined || (changed === undefined && !changes.replaces)) continue
    rows ??= new Map(changes.rows)
    tell(rows, type, yield* loadedRows.applyInSteps(changed, changes.replaces))
  }
  return rows === undefined ? changes : { ...changes, rows }
}

function tell(rows: Changes['rows'], type: string, told: Map<string, unknown>): void {
  if (told.size > 0) rows.set(type, told)
  else rows.delete(type)
}
