import { StateIssue, upgradeEvent } from '@streamdb/state'
import type { ChangeEvent, SchemaUpgrade, StateDefinition } from '@streamdb/state'
import { toRow } from '../sync/to-row.ts'

/** What the rows of events are read by. */
export interface RowReading {
  readonly state: StateDefinition
  readonly upgrade: SchemaUpgrade
}

/**
 * Returns the row that an event puts, as its collection has it; `undefined` if its schema refuses it, or the event is a delete.
 */
export function rowOfEvent(event: ChangeEvent, { state, upgrade }: RowReading): object | undefined {
  const definition = Object.values(state).find(({ type }) => type === event.type)
  const upgraded = upgradeEvent(event, upgrade)
  if (definition === undefined || upgraded instanceof StateIssue) return undefined
  if (upgraded.headers.operation === 'delete') return undefined
  const row = toRow(upgraded, definition)
  return row instanceof StateIssue ? undefined : row
}
