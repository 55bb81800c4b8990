import { isRecord } from './row.ts'

/** Tells whether a row's field is to be left out. */
export type FieldFilter = (field: string) => boolean

/** By the `insert` helper of a collection, which every copy of its definition shares. */
const filters = new WeakMap<object, FieldFilter>()

/**
 * Makes the event helpers of a collection leave out the fields of rows that `isOmitted` names, from now on.
 *
 * For layers that add fields of their own to the rows that they hand out: a spread row carries them, and the log must
 * not (FAULTS F-event-10).
 */
export function setOmittedFields({ insert }: { readonly insert: object }, isOmitted: FieldFilter): void {
  filters.set(insert, isOmitted)
}

/** Returns a row without the fields that the helpers of `insert`'s collection leave out; anything else as it is. */
export function omitFields(row: unknown, insert: object): unknown {
  const isOmitted = filters.get(insert)
  if (isOmitted === undefined || !isRecord(row)) return row
  if (!Object.keys(row).some(isOmitted)) return row
  return Object.fromEntries(Object.entries(row).filter(([field]) => !isOmitted(field)))
}
