import type { ChangeEvent } from './events.ts'
import { StateIssue } from './issue.ts'
import { isRecord } from './row.ts'

/** The header that says which version of the application's schemas a value was written for (SPEC V1). */
export const versionHeader = 'schemaVersion'

/**
 * Returns the value of a row as the newest schemas take it; `undefined` where there is no such row any more.
 *
 * It is given a copy of the value, which it may change and return, and the version that the value was written for.
 */
export type Migrate = (type: string, value: Record<string, unknown>, fromVersion: number) => unknown

/** The version of an application's schemas, and how values of earlier versions become values of it. */
export interface SchemaUpgrade {
  /** A whole number from 1. */
  readonly version: number
  readonly migrate?: Migrate | undefined
}

/** Returns the version that an event's value was written for: 1 where no header says another. */
export function schemaVersionOf({ headers }: ChangeEvent): number {
  const version = headers[versionHeader]
  return isVersion(version) ? version : 1
}

/** Tells whether something is a version: a whole number from 1. */
export function isVersion(version: unknown): version is number {
  return Number.isSafeInteger(version) && Number(version) >= 1
}

/** Returns the headers with the version that an event is written for; events of version 1 have none. */
export function withVersion<Headers extends object>(headers: Headers, version: number): Headers {
  return version === 1 ? headers : { ...headers, [versionHeader]: version }
}

/**
 * Returns an event in the form of `upgrade.version`: as it is where it is of that version or of a newer one.
 *
 * Where `migrate` leaves no row the result is a delete. What `migrate` throws is an issue. Never throws; the event's own
 * objects are never changed (SPEC C2).
 */
export function upgradeEvent(
  event: ChangeEvent,
  { version, migrate }: SchemaUpgrade,
): ChangeEvent | StateIssue {
  if (migrate === undefined) return event
  const from = schemaVersionOf(event)
  if (from >= version) return event
  // Unknown fields stay (SPEC P3).
  const { value, old_value, ...rest } = event
  const { type, headers } = rest
  const upgraded = { ...headers, [versionHeader]: version }
  const old = old_value === undefined ? undefined : upgradeOld(migrate, type, old_value, from)
  const before = old === undefined ? undefined : { old_value: old }
  if (headers.operation === 'delete') return { ...rest, ...before, headers: upgraded }
  const where = { code: 'migration', path: '/value', event } as const
  try {
    const row = call(migrate, type, value, from)
    if (row === undefined) return { ...rest, ...before, headers: { ...upgraded, operation: 'delete' } }
    if (row instanceof Promise) {
      // The promise is not used; an unhandled rejection would end a Node process.
      row.catch(() => undefined)
      return new StateIssue({ ...where, expected: 'migrate to be synchronous', received: 'a promise' })
    }
    return { ...rest, value: row, ...before, headers: upgraded }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const expected = `a value that migrate brings from version ${from} to ${version}`
    return new StateIssue({ ...where, expected, received: reason, reason })
  }
}

/** The row before an update is for those who look at it: one that cannot be brought along is left out. */
function upgradeOld(migrate: Migrate, type: string, value: unknown, from: number): unknown {
  try {
    const row = call(migrate, type, value, from)
    return row instanceof Promise ? void row.catch(() => undefined) : row
  } catch {
    return undefined
  }
}

/** A value that is no object is no row, and its validation says so. */
function call(migrate: Migrate, type: string, value: unknown, from: number): unknown {
  return isRecord(value) ? migrate(type, copyOf(value) as Record<string, unknown>, from) : value // a copy of an object
}

/** Copies JSON. Fields are defined, not assigned: `__proto__` is one like any other (SPEC P5). */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copyOf(field)]))
}
