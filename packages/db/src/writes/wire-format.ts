import type { PendingMutation } from '@tanstack/db'
import { decodeStateEvent, StateIssue, toValue, validateRow, withVersion } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition, StateDefinition } from '@streamdb/state'
import { StreamDBError } from '@streamdb/log'
import type { StreamDBErrorCode } from '@streamdb/log'
import { eventKeyOf } from '../collections/event-keys.ts'
import { isStreamCollection } from '../collections/read-barrier.ts'
import { isEqual } from '../collections/transactions.ts'
import { storedFormsOf } from '../collections/stored-forms.ts'
import { hasVirtualFields, stripVirtualFields } from '../collections/virtual-fields.ts'
import { unchanged, withExpectedRows } from './expectations.ts'
import type { AnyExpect } from './expectations.ts'
import { explainLoss } from './json-loss.ts'

/** What events are written with. */
export interface WriteFormat {
  /** The definitions of the database's collections, by name. */
  readonly state: StateDefinition
  /** The definitions of the database's collections, by collection. */
  readonly definitions: ReadonlyMap<object, CollectionDefinition>
  /** The version of the application's schemas. */
  readonly version: number
}

/** Whose events these are, and what has to be so for them to be written. */
export interface WrittenTransaction {
  readonly txid: string
  readonly expect?: AnyExpect | undefined
}

/**
 * Returns the events of a transaction's mutations, in their wire form.
 *
 * Throws `invalid-write` where readers would see another row than the one that is shown: where JSON cannot hold it, or
 * its schema does not take what it returned.
 */
export function toEvents(
  mutations: readonly PendingMutation[],
  { txid, expect }: WrittenTransaction,
  { state, definitions, version }: WriteFormat,
): ChangeEvent[] {
  const events: ChangeEvent[] = []
  for (const mutation of mutations) {
    const definition = definitions.get(mutation.collection)
    if (definition === undefined && isStreamCollection(mutation.collection)) {
      const what = 'A transaction is written to one stream: expected collections of its own database'
      throw new StreamDBError('invalid-write', `${what}, received one of another. Use a transaction for each`)
    }
    // A mutation of a collection that is no stream's is shown with the others; this database does not write it.
    if (definition !== undefined) events.push(toEvent(mutation, definition, { txid, expect, version }))
  }
  return expect === undefined || expect === 'unchanged'
    ? events
    : withExpectedRows(events, expect, { state, definitions })
}

function toEvent(
  mutation: PendingMutation,
  definition: CollectionDefinition,
  { txid, expect, version }: WrittenTransaction & Pick<WriteFormat, 'version'>,
): ChangeEvent {
  const { type: operation, modified, original } = mutation
  const { type } = definition
  const key = eventKeyOf(mutation.collection, String(mutation.key))
  const timestamp = mutation.updatedAt.toISOString()
  const headers = withVersion(
    expect === 'unchanged'
      ? { operation, txid, timestamp, expect: unchanged(mutation, definition) }
      : { operation, txid, timestamp },
    version,
  )
  const json = (row: object): unknown => toJson(toStoredForm(row, definition), { type, key })
  // Field by field: an object that another is spread into has a hidden class of its own on Node 20.
  if (operation === 'delete') return { type, key, old_value: json(original), headers }
  const written: ChangeEvent =
    operation === 'insert'
      ? { type, key, headers, value: json(modified) }
      : { type, key, old_value: json(original), headers, value: json(modified) }
  const decoded = decodeStateEvent(written)
  // Deeper or larger than `eventLimits` allows, say: every reader would skip it.
  if (decoded instanceof StateIssue)
    throw rowError(written, `cannot be written: ${decoded.message}`, 'invalid-write')
  assertRoundTrips(written, definition, modified)
  return written
}

/**
 * Throws where the row is not what readers of its event will see: `invalid-write`, unless another code is given.
 */
export function assertRoundTrips(
  event: ChangeEvent,
  definition: CollectionDefinition,
  row: object,
  code: StreamDBErrorCode = 'invalid-write',
): void {
  const again = validateRow(event, definition)
  const isRow = !(again instanceof StateIssue)
  // Most often they are equal as they are, and need no copies.
  if (isRow && (isEqual(again, row) || isEqual(toLogRow(again), toLogRow(row)))) return
  const why =
    explainLoss(stripVirtualFields(row), isRow ? again : undefined) ??
    'parsing it again yields a different row'
  const refused = isRow ? '' : ` (${again.message})`
  const rule = "The schema's output must be valid input of the same schema"
  throw rowError(event, `does not round-trip through JSON: ${why}${refused}. ${rule}`, code)
}

/**
 * Returns what an event holds of a row: the row without TanStack's fields, and as its schema took it (SPEC F-real-17), or its
 * value alone (SPEC P6).
 */
export function toStoredForm(row: object, definition: CollectionDefinition): unknown {
  const stripped = hasVirtualFields(row) ? stripVirtualFields(row) : row
  return toValue(storedFormsOf(definition)?.restore(stripped) ?? stripped, definition)
}

/** Returns what JSON makes of a row. Throws where it cannot: `invalid-write`, unless another code is given. */
export function toJson(row: unknown, name: RowName, code: StreamDBErrorCode = 'invalid-write'): unknown {
  try {
    const json: unknown = JSON.parse(JSON.stringify(row))
    return json
  } catch (cause) {
    throw rowError(name, `cannot be written as JSON: ${explainLoss(row) ?? String(cause)}`, code, { cause })
  }
}

type RowName = Pick<ChangeEvent, 'type' | 'key'>

function rowError(
  { type, key }: RowName,
  problem: string,
  code: StreamDBErrorCode,
  options?: ErrorOptions,
): StreamDBError {
  return new StreamDBError(code, `The row ${JSON.stringify(key)} of type "${type}" ${problem}`, options)
}

/** Returns a row as the log holds it: without TanStack's fields, and without undefined fields, which JSON leaves out. */
export function toLogRow(row: object): object {
  return withoutUndefined(stripVirtualFields(row)) as object // an object, as it was given
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutUndefined(field)]))
}
