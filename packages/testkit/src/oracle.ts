import type { ChangeEvent, StateEvent } from '@streamdb/state'

/** Rows by key, by type; a type without rows is absent. */
export type OracleState = Map<string, Map<string, unknown>>

/**
 * Materialises a whole log in the plainest way (SPEC M1 to M5), so that everything faster can be compared with it.
 *
 * It knows nothing of batches, offsets and collections, and shares no code with `@streamdb/state`.
 */
export function oracle(log: Iterable<StateEvent>): OracleState {
  let rows: OracleState = new Map()
  let snapshot: OracleState | undefined
  for (const event of log) {
    if (isChange(event)) {
      write(snapshot ?? rows, event)
    } else if (event.headers.control === 'reset') {
      rows = new Map()
      snapshot = undefined
    } else if (event.headers.control === 'snapshot-start') {
      snapshot = new Map()
    } else if (snapshot !== undefined) {
      rows = snapshot
      snapshot = undefined
    }
  }
  return rows
}

function isChange(event: StateEvent): event is ChangeEvent {
  return Object.hasOwn(event.headers, 'operation')
}

function write(state: OracleState, event: ChangeEvent): void {
  const rows = state.get(event.type) ?? new Map<string, unknown>()
  if (event.headers.operation === 'delete') rows.delete(event.key)
  else rows.set(event.key, event.value)
  if (rows.size === 0) state.delete(event.type)
  else state.set(event.type, rows)
}
