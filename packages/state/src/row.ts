// The fields that TanStack DB adds to the rows it hands out; a spread row carries them (FAULTS F-event 10).
const virtualFields = ['$synced', '$origin', '$key', '$collectionId', '$hasPendingWrites'] as const

/** Returns the text of a row's primary key, or `undefined` where the field holds none. */
export function keyOf(row: unknown, primaryKey: string): string | undefined {
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, primaryKey)) return undefined
  const key = (row as Readonly<Record<string, unknown>>)[primaryKey] // an own field, as was just seen
  if (typeof key === 'string') return key === '' ? undefined : key
  return typeof key === 'number' && Number.isFinite(key) ? String(key) : undefined
}

/** Returns the row without TanStack's virtual fields: the same object where it has none. */
export function wireRow<Row>(row: Row): Row {
  if (typeof row !== 'object' || row === null || !virtualFields.some((field) => Object.hasOwn(row, field))) {
    return row
  }
  const kept = Object.entries(row).filter(([field]) => !(virtualFields as readonly string[]).includes(field))
  // The row as it was before TanStack added to it.
  return Object.fromEntries(kept) as Row
}
