// The fields that TanStack DB adds to the rows it hands out; a spread row carries them (FAULTS F-event 10).
const virtualField = /^\$(synced|origin|key|collectionId|hasPendingWrites)$/

/** Tells whether a value is an object with fields: no primitive, no `null`, no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells whether a value can be a type or a key: a string, and not the empty one. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Returns the text of a row's primary key, or `undefined` where the field holds none. */
export function keyOf(row: unknown, primaryKey: string): string | undefined {
  const key = isRecord(row) && Object.hasOwn(row, primaryKey) && row[primaryKey]
  return isName(key) || Number.isFinite(key) ? String(key) : undefined
}

/** Returns the row without TanStack's virtual fields, which are not for the log; what is no row as it is. */
export function wireRow<Row>(row: Row): Row {
  if (!isRecord(row)) return row
  // The row as it was before TanStack added to it.
  return Object.fromEntries(Object.entries(row).filter(([field]) => !virtualField.test(field))) as Row
}
