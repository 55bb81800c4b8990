import { StateIssue, toInput, validateRow } from '@streamdb/state'
import type { CollectionDefinition } from '@streamdb/state'
import { storedFormsOf } from '../collections/stored-forms.ts'

/**
 * Returns the row of a stored value, as the log's would be: an object of its own. Nothing where the schema of this version
 * of the application refuses it.
 */
export function rowOfValue(
  key: string,
  value: unknown,
  definition: CollectionDefinition,
): object | undefined {
  const headers = { operation: 'insert' } as const
  const row = validateRow({ type: definition.type, key, value, headers }, definition)
  if (row instanceof StateIssue) return undefined
  storedFormsOf(definition)?.note(row, toInput({ key, value }, definition))
  return row === value ? { ...row } : row
}
