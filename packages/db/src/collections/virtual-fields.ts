/**
 * TanStack DB adds fields to the rows that it hands out; a row that is spread carries them (SPEC F-event-10).
 *
 * Upstream: virtual properties are enumerable fields by design, so that queries can select them. Where TanStack adds
 * another one, contract/virtual-fields.test.ts fails, and this list is extended.
 */
const virtualField = /^\$(synced|origin|key|collectionId|hasPendingWrites)$/

/** Tells whether a row's field is one that TanStack DB adds. */
export function isVirtualField(field: string): boolean {
  // Most are ruled out by their first character.
  return field.startsWith('$') && virtualField.test(field)
}

/**
 * Tells whether a value carries virtual fields. Field by field, as it runs for every event: a look-up of a name that is
 * written out costs nothing where all rows have one shape.
 */
export function hasVirtualFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return (
    '$synced' in value ||
    '$origin' in value ||
    '$key' in value ||
    '$collectionId' in value ||
    '$hasPendingWrites' in value
  )
}

/** Returns the row without TanStack's virtual fields, which must not reach the log; anything else as it is. */
export function stripVirtualFields<Row>(row: Row): Row {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row
  // The row as it was before TanStack added to it.
  return Object.fromEntries(Object.entries(row).filter(([field]) => !isVirtualField(field))) as Row
}
