import type { ChangeEvent } from './events.ts'

/** What the row of a key is to be when an event is decided about: of a version (`rowVersion`), or not there. */
export type Expectation = ExpectedRow & ({ readonly version: string } | { readonly absent: true })

interface ExpectedRow {
  /** The row's type and key. Default: those of the event. */
  readonly type?: string | undefined
  readonly key?: string | undefined
}

/**
 * Returns the expectations of an event (`headers.expect`, one or several), an empty list without any, and `undefined` if they
 * are invalid.
 */
export function expectationsOf({
  headers,
}: Pick<ChangeEvent, 'headers'>): readonly Expectation[] | undefined {
  const { expect } = headers as { expect?: unknown } // a header like any other
  if (expect === undefined) return []
  const all: readonly unknown[] = Array.isArray(expect) ? expect : [expect]
  // Each was checked.
  return all.every(isExpectation) ? (all as readonly Expectation[]) : undefined
}

function isExpectation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { type, key, version, absent } = value as Record<string, unknown> // an object, as just checked
  const isNamed = isTextOrNothing(type) && isTextOrNothing(key) && (type === undefined || key !== undefined)
  return (
    isNamed && (typeof version === 'string' ? absent === undefined : version === undefined && absent === true)
  )
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '')
}
