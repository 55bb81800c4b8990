import type { PendingMutation } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'
import { rowVersion, toValue } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition, Expectation, StateDefinition } from '@streamdb/state'
import { eventKeyOf } from '../collections/event-keys.ts'
import type { RowOf } from '../collections/types.ts'
import { stripVirtualFields } from '../collections/virtual-fields.ts'

/**
 * What has to be so for a transaction to be written. `'unchanged'`: each row that it writes is as this database showed it before,
 * and those that it inserts are not there. Or the rows that are named, written by it or not.
 */
export type Expect<Definitions extends StateDefinition = StateDefinition> =
  'unchanged' | ExpectedRows<Definitions>

/** The expected rows by collection and key; `undefined` for a row that must not exist. */
export type ExpectedRows<Definitions extends StateDefinition = StateDefinition> = {
  readonly [Name in keyof Definitions]?:
    Readonly<Record<string, Readonly<RowOf<Definitions[Name]>> | undefined>> | undefined
}

/** Rows that are named, where their types do not matter. */
export type AnyExpect = 'unchanged' | Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>

/** The definitions by their names, and by their collections. */
interface ExpectationContext {
  readonly state: StateDefinition
  readonly definitions: ReadonlyMap<object, CollectionDefinition>
}

/** Returns what a mutation expects of its own row, where nothing is to have changed. */
export function unchanged(
  { type, original }: Pick<PendingMutation, 'type' | 'original'>,
  definition: CollectionDefinition,
): Expectation {
  // A row of its collection, unless it is new.
  return type === 'insert' ? { absent: true } : { version: versionOf(original, definition) }
}

/**
 * Returns events with the rows that they expect: with the first of them, as conditions are about what is there before all. Throws
 * `invalid-options` for a name that is no collection.
 */
export function withExpectedRows(
  events: ChangeEvent[],
  expect: Exclude<AnyExpect, 'unchanged'>,
  context: ExpectationContext,
): ChangeEvent[] {
  const [first, ...rest] = events
  const expected = Object.entries(expect).flatMap(([name, rows]) => expectedOf(name, rows ?? {}, context))
  if (first === undefined || expected.length === 0) return events
  return [{ ...first, headers: { ...first.headers, expect: expected } }, ...rest]
}

function expectedOf(
  name: string,
  rows: Readonly<Record<string, unknown>>,
  { state, definitions }: ExpectationContext,
): Expectation[] {
  const definition = Object.hasOwn(state, name) ? state[name] : undefined
  const found = [...definitions].find(([, each]) => each === definition)
  if (definition === undefined || found === undefined) {
    const names = Object.keys(state).join(', ')
    throw new StreamDBError(
      'invalid-options',
      `expect: expected "unchanged", or rows by collection (${names}) and key, but received the name "${name}"`,
    )
  }
  const [collection] = found
  return Object.entries(rows).map(([key, row]) => ({
    ...{ type: definition.type, key: eventKeyOf(collection, key) },
    ...(row === undefined ? { absent: true } : { version: versionOf(row, definition) }),
  }))
}

function versionOf(row: unknown, definition: CollectionDefinition): string {
  return rowVersion(toValue(stripVirtualFields(row) as object, definition)) // a row, as it was given
}
