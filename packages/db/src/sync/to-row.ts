import { StateIssue, validateRow } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import { hasVirtualFields, stripVirtualFields } from '../collections/virtual-fields.ts'

/**
 * Returns the row that a change puts, or the issue, without TanStack's virtual fields in it.
 *
 * A log that the published layer wrote has them in its values; a strict schema would refuse each of them (SPEC
 * F-moving-5). Never throws.
 */
export function toRow(event: ChangeEvent, definition: CollectionDefinition): object | StateIssue {
  // The row holds the value, which is the event's and belongs to its observers (SPEC C2): a copy.
  if (definition.keyValue === true) return validateRow({ ...event, value: copyOf(event.value) }, definition)
  if (!hasVirtualFields(event.value)) return validateRow(event, definition)
  const row = validateRow({ ...event, value: stripVirtualFields(event.value) }, definition)
  // The event as it came.
  return row instanceof StateIssue ? new StateIssue({ ...row, event }) : row
}

/** Copies a value and what is directly in it. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])]
  return typeof value === 'object' && value !== null ? { ...value } : value
}
