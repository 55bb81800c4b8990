import type { CurrentRow } from '@streamdb/log'
import { expectationsOf, rowVersion } from '@streamdb/state'
import type { Expectation } from '@streamdb/state'
import type { Check } from './checks.ts'
import { Refusal } from './refusal.ts'
import type { RowSource, StoredRow } from './stored-row.ts'

/**
 * Refuses a change whose conditions (`headers.expect`) do not hold, as rows are right before it: 409, `conflict`, with the row
 * that is there now.
 */
export const checkExpectations: Check = ({ change: { event }, rows }) => {
  const expected = expectationsOf(event)
  if (expected === undefined) {
    const message =
      'Expected { version } or { absent: true }, with type and key where it is another row, or an array of them.'
    return new Refusal({ status: 422, code: 'invalid-event', message, path: '/headers/expect' })
  }
  for (const each of expected) {
    const current = currentRow(rows, each.type ?? event.type, each.key ?? event.key)
    if (holds(each, current)) continue
    return new Refusal({
      ...{ status: 409, code: 'conflict', message: describe(each, current), path: '/headers/expect' },
      current,
    })
  }
  return undefined
}

function currentRow(rows: RowSource, type: string, key: string): CurrentRow {
  const stored = rows.get(type, key)
  return stored === undefined ? { type, key } : { type, key, row: stored.value, version: versionOf(stored) }
}

/** A row may be asked for again and again, and be large. */
const versions = new WeakMap<StoredRow, string>()

function versionOf(stored: StoredRow): string {
  const version = versions.get(stored) ?? rowVersion(stored.value)
  versions.set(stored, version)
  return version
}

function holds(expected: Expectation, { version }: CurrentRow): boolean {
  return 'version' in expected ? expected.version === version : version === undefined
}

function describe(expected: Expectation, { type, key, version }: CurrentRow): string {
  const what = `The row ${JSON.stringify(key)} of the type ${JSON.stringify(type)}`
  if (!('version' in expected)) return `${what} was expected to be absent, and is there.`
  return version === undefined
    ? `${what} is gone.`
    : `${what} has changed: it is another version than was expected.`
}
