import { isRecord } from './row.ts'

/** Tells whether a row's field is to be left out. */
export type FieldFilter = (field: string) => boolean

/** The part of a collection's event helpers that identifies them. */
export interface WithInsert {
  readonly insert: object
}

/** By the `insert` helper of a collection, which every copy of its definition shares. */
const filters = new WeakMap<object, FieldFilter>()

/**
 * Makes the event helpers of a collection leave out the fields of rows for which `isOmitted` returns true, from now on.
 *
 * For layers that add fields to the rows that they return: a spread row contains these fields, and the log must not (SPEC
 * F-event-10).
 */
export function setOmittedFields(helpers: WithInsert, isOmitted: FieldFilter): void {
  filters.set(helpers.insert, isOmitted)
}

/** Returns a row without the fields that these helpers leave out; anything else as it is. */
export function omitFields(row: unknown, helpers: WithInsert): unknown {
  const isOmitted = filters.get(helpers.insert)
  if (isOmitted === undefined || !isRecord(row)) return row
  if (!Object.keys(row).some(isOmitted)) return row
  return Object.fromEntries(Object.entries(row).filter(([field]) => !isOmitted(field)))
}
