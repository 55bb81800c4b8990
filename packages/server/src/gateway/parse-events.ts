import {
  decodeStateEvent,
  isChangeEvent,
  isSameValue,
  schemaVersionOf,
  StateIssue,
  toValue,
  upgradeEvent,
  validateRow,
} from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition, Migrate } from '@streamdb/state'
import { identityOf } from './event-identity.ts'
import type { ProducerHeaders } from './producer.ts'
import { Refusal } from './refusal.ts'
import type { RequestedChange, RequestedEvent } from './write-request.ts'

/** What may be written to streams. */
export interface EventRules {
  /** By the type of their events. */
  readonly definitions: ReadonlyMap<string, CollectionDefinition>
  readonly version: number
  readonly migrate?: Migrate | undefined
  /** How many events a request may have. */
  readonly events: number
  /** How many levels of arrays and objects an event may have, itself included. */
  readonly depth: number
}

/** How long the id of a transaction may be: those of a stream are kept in memory. */
export const longestTxid: number = 256

/** Whether a value is the id of a transaction. */
export function isTxid(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestTxid
}

/** Returns the events of a body, validated. Throws a refusal. */
export function parseEvents(
  body: Uint8Array<ArrayBuffer>,
  producer: ProducerHeaders | undefined,
  rules: EventRules,
): RequestedEvent[] {
  const json = parseJson(body)
  // A server stores an array's items, and anything else as one item.
  const items: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (items.length === 0) throw refuse(400, 'invalid-body', 'Expected at least one event.')
  if (items.length > rules.events) {
    throw refuse(
      413,
      'too-many-events',
      `The request has ${items.length} events; at most ${rules.events} are accepted.`,
    )
  }
  return items.map((item, index) => parseEvent(item, index, producer, rules))
}

function parseJson(body: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown
  } catch {
    throw refuse(400, 'invalid-json', 'Expected JSON in UTF-8.')
  }
}

/** Returns an item of JSON as an event, validated. Throws a refusal. */
export function parseEvent(
  item: unknown,
  index: number,
  producer: ProducerHeaders | undefined,
  rules: EventRules,
): RequestedEvent {
  if (isDeeper(item, rules.depth)) {
    throw refuse(422, 'too-deep', `An event has at most ${rules.depth} levels of nesting.`).at({ index })
  }
  if (hasInfinity(item)) {
    const message = 'Expected numbers that JSON has: a larger one would be stored as null.'
    throw refuse(422, 'invalid-number', message).at({ index })
  }
  const event = decodeStateEvent(item)
  if (event instanceof StateIssue) throw issue(event).at({ index })
  if (!isChangeEvent(event)) return { kind: 'control', index, event }
  const { txid: given } = event.headers as { txid?: unknown } // a header like any other
  if (given !== undefined && !isTxid(given)) {
    const message = `Expected a txid that is a text of 1 to ${longestTxid} characters.`
    throw refuse(422, 'invalid-event', message, '/headers/txid').at({ index })
  }
  // A request of a producer is one transaction where it does not say which: a repeated one is known by it.
  const txid = given ?? (producer && `${producer.id}/${producer.epoch}/${producer.seq}`)
  const place = { index, txid: given }
  const definition = rules.definitions.get(event.type)
  if (definition === undefined) {
    throw refuse(
      422,
      'unknown-type',
      `Events of the type ${JSON.stringify(event.type.slice(0, 60))} are not accepted.`,
      '/type',
    ).at(place)
  }
  const version = schemaVersionOf(event)
  if (version > rules.version) {
    const message = `The event is of version ${version} of the schemas; this server has version ${rules.version}.`
    throw refuse(422, 'newer-version', message, '/headers/schemaVersion').at(place)
  }
  const checked = validate(event, definition, rules)
  if (checked instanceof StateIssue) throw issue(checked).at(place)
  return {
    kind: 'change',
    index,
    ...checked,
    txid,
    identity: identityOf({ ...checked.event, value: checked.row }),
  }
}

/** Returns an event as it will be stored, and its row as the schema returns it. */
function validate(
  event: ChangeEvent,
  definition: CollectionDefinition,
  rules: EventRules,
): Pick<RequestedChange, 'event' | 'row'> | StateIssue {
  const { type, key, old_value: old } = event
  const upgraded = upgradeEvent(event, rules)
  if (upgraded instanceof StateIssue) return upgraded
  const { headers } = upgraded
  if (headers.operation === 'delete') {
    return { event: { type, key, ...(old !== undefined && { old_value: old }), headers }, row: undefined }
  }
  const row = validateRow(upgraded, definition)
  if (row instanceof StateIssue) return row
  const value = storedValue(upgraded, row, definition)
  return {
    event: { type, key, value, ...(old !== undefined && { old_value: old }), headers },
    row: toValue(row, definition),
  }
}

/**
 * Returns the stored form of a value: the schema's output, so that no unknown fields are stored; or the value itself, if the
 * schema would not accept its own output.
 */
function storedValue(event: ChangeEvent, row: object, definition: CollectionDefinition): unknown {
  const output = toValue(row, definition)
  if (isSameValue(output, event.value)) return event.value
  const json: unknown = JSON.parse(JSON.stringify(output) ?? 'null')
  const again = validateRow({ ...event, value: json }, definition)
  return !(again instanceof StateIssue) && isSameValue(again, row) ? json : event.value
}

/** Whether a value of JSON has more levels. Ends there, so that its own recursion is bounded. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1))
}

/** Whether a number of the text was too large for a double: a rule would see infinity, and a reader null. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasInfinity)
}

function issue({ code, path, message }: StateIssue): Refusal {
  return refuse(422, code, message, path === '' ? undefined : path)
}

function refuse(status: number, code: string, message: string, path?: string): Refusal {
  return new Refusal({ status, code, message, path })
}
