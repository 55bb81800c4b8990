import { isEqual } from '../collections/transactions.ts'
import type { PendingMutation } from '@tanstack/db'
import { StateIssue, validateRow } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import { isStreamCollection } from '../collections/read-barrier.ts'
import { stripVirtualFields } from '../collections/virtual-fields.ts'
import { StreamDBError } from '@streamdb/log'
import type { StreamDBErrorCode } from '@streamdb/log'

/**
 * Returns the events of a transaction's mutations, in their wire form.
 *
 * Throws `invalid-write` where a row would not come back as it is shown: where JSON cannot hold it, or its schema
 * does not take what it returned.
 */
export function wireEvents(
  mutations: readonly PendingMutation[],
  txid: string,
  definitionOf: (collection: object) => CollectionDefinition | undefined,
): ChangeEvent[] {
  const events: ChangeEvent[] = []
  for (const mutation of mutations) {
    const definition = definitionOf(mutation.collection)
    if (definition === undefined && isStreamCollection(mutation.collection)) {
      const what = 'A transaction is written to one stream; expected collections of its own database'
      throw new StreamDBError('invalid-write', `${what}, received one of another: use a transaction for each`)
    }
    // A mutation of somebody else's collection is shown with ours, and not ours to write.
    if (definition !== undefined) events.push(wireEvent(mutation, definition, txid))
  }
  return events
}

function wireEvent(mutation: PendingMutation, definition: CollectionDefinition, txid: string): ChangeEvent {
  const { type: operation, modified, original } = mutation
  const of = { type: definition.type, key: String(mutation.key) }
  const event = {
    ...of,
    ...(operation !== 'insert' && { old_value: toJson(stripVirtualFields(original), of) }),
    headers: { operation, txid, timestamp: mutation.updatedAt.toISOString() },
  } as const
  if (operation === 'delete') return event
  const written = { ...event, value: toJson(stripVirtualFields(modified), of) }
  assertComesBack(written, definition, modified)
  return written
}

/**
 * Throws where a row is not what readers will see who are given its event: `invalid-write`, unless another code is said.
 */
export function assertComesBack(
  event: ChangeEvent,
  definition: CollectionDefinition,
  row: object,
  code: StreamDBErrorCode = 'invalid-write',
): void {
  const again = validateRow(event, definition)
  const isRow = !(again instanceof StateIssue)
  // Most often they are the same as they are, and need no copies.
  if (isRow && (isEqual(again, row) || isEqual(loggedRow(again), loggedRow(row)))) return
  const why = isRow ? 'it would come back as another row' : again.message
  throw refusal(
    event,
    `${why}. Its schema must take the JSON form of what it returns, and return the same again`,
    code,
  )
}

/** Returns what JSON makes of a row. Throws where it cannot: `invalid-write`, unless another code is said. */
export function toJson(row: object, of: RowName, code: StreamDBErrorCode = 'invalid-write'): unknown {
  try {
    const json: unknown = JSON.parse(JSON.stringify(row))
    return json
  } catch (cause) {
    throw refusal(of, String(cause), code, { cause })
  }
}

type RowName = Pick<ChangeEvent, 'type' | 'key'>

function refusal(
  { type, key }: RowName,
  why: string,
  code: StreamDBErrorCode,
  options?: ErrorOptions,
): StreamDBError {
  const what = `The row ${JSON.stringify(key)} of type "${type}" cannot go over the wire`
  return new StreamDBError(code, `${what}: ${why}`, options)
}

/** Returns a row as the log holds it: without TanStack's fields, and without what is undefined, as JSON leaves it out. */
export function loggedRow(row: object): object {
  return defined(stripVirtualFields(row)) as object // as it was given
}

function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, defined(field)]))
}
