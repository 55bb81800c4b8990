import { decodeStateEvent } from './decode.ts'
import type { CollectionDefinition } from './definition.ts'
import { StateError, stateError } from './errors.ts'
import { operations } from './events.ts'
import type { ChangeEvent, ChangeHeaders, Operation } from './events.ts'
import { formatValue } from './format-value.ts'
import { StateIssue } from './issue.ts'
import { omitFields } from './omitted-fields.ts'
import type { WithInsert } from './omitted-fields.ts'
import { versionOfHelpers } from './state-version.ts'
import { withVersion } from './upgrade.ts'
import { isRecord, keyOf } from './row.ts'

/** Headers of a new event. The operation is the helper's own, and a control has no place beside it. */
export type EventHeaders = Partial<ChangeHeaders> & { readonly operation?: never; readonly control?: never }

/** What a new row's event is made of. */
export interface WriteParts<Value> {
  readonly value: Value
  /** Taken from the value's primary key when absent. */
  readonly key?: string | number | undefined
  readonly headers?: EventHeaders | undefined
}

/** What a changed row's event is made of. */
export interface UpdateParts<Value, OldValue = Value> extends WriteParts<Value> {
  /** The row that the writer saw; readers use it to find conflicts. */
  readonly oldValue?: OldValue | undefined
}

/** What a removed row's event is made of: a key, or a row that holds it. */
export type DeleteParts<OldValue> = { readonly headers?: EventHeaders | undefined } & (
  | { readonly key: string | number; readonly oldValue?: OldValue | undefined }
  | { readonly key?: undefined; readonly oldValue: OldValue }
)

/**
 * Creates the events of one collection, ready for `JSON.stringify`.
 *
 * The key is the value's primary key; a number is written as its decimal text. `control` and `operation` in `headers`
 * are left out. Each throws a `StateError`: `missing-key` without a usable key or value, `key-mismatch` where `key`
 * and the value disagree, `invalid-event` for an event that readers would refuse, one beyond `eventLimits` among them.
 */
export interface EventHelpers<Input, Output = Input> {
  insert(parts: WriteParts<Input>): ChangeEvent<Input>
  update(parts: UpdateParts<Input, Input | Output>): ChangeEvent<Input>
  upsert(parts: UpdateParts<Input, Input | Output>): ChangeEvent<Input>
  delete(parts: DeleteParts<Input | Output>): ChangeEvent<Input>
}

/** What the event of a bare value is made of: the key is no part of the value. */
export interface KeyValueParts<Value> extends WriteParts<Value> {
  readonly key: string | number
}

/** As `EventHelpers`, for a collection that `keyValue` defined: `{ key, value }` in place of a row. */
export interface KeyValueEventHelpers<Input, Output = Input> {
  insert(parts: KeyValueParts<Input>): ChangeEvent<Input>
  update(parts: KeyValueParts<Input> & UpdateParts<Input, Input | Output>): ChangeEvent<Input>
  upsert(parts: KeyValueParts<Input> & UpdateParts<Input, Input | Output>): ChangeEvent<Input>
  delete(parts: {
    readonly key: string | number
    readonly oldValue?: Input | Output | undefined
    readonly headers?: EventHeaders | undefined
  }): ChangeEvent<Input>
}

interface Parts {
  readonly value?: unknown
  readonly oldValue?: unknown
  readonly key?: string | number | undefined
  readonly headers?: Readonly<Record<string, unknown>> | undefined
}

/** Returns the helpers of one collection. */
export function eventHelpers(definition: CollectionDefinition): EventHelpers<unknown> {
  const entries = operations.map((operation) => [
    operation,
    (parts: Parts): ChangeEvent => createEvent(definition, operation as Operation, parts, helpers),
  ])
  // One helper for each operation.
  const helpers = Object.fromEntries(entries) as EventHelpers<unknown>
  return helpers
}

function createEvent(
  { type, primaryKey, key: source, keyValue }: CollectionDefinition,
  operation: Operation,
  parts: Parts,
  helpers: WithInsert,
): ChangeEvent {
  const where = `${operation} of type ${formatValue(type)}`
  // Callers without types may give anything.
  const given: unknown = parts
  if (!isRecord(given)) {
    const expected = keyValue
      ? `{ key${operation === 'delete' ? '' : ', value'} }`
      : operation === 'delete'
        ? '{ key } or { oldValue }'
        : '{ value }'
    throw stateError('missing-key', { where, expected, received: formatValue(given) })
  }
  const { key: givenKey, value, oldValue, headers } = parts
  const isDelete = operation === 'delete'
  const row = isDelete ? oldValue : value
  // A bare value may have a field of that name, which is not its key.
  const ownKey = keyValue ? undefined : keyOf(row, primaryKey)
  const key = keyOf({ key: givenKey ?? ownKey }, 'key')
  if (!isDelete && (value === undefined || (value === null && !keyValue))) {
    throw stateError('missing-key', { where, expected: 'a value', received: formatValue(value) })
  }
  if (key === undefined && keyValue) throw missingKey(where, primaryKey, givenKey ?? '', row)
  if (key === undefined) throw missingKey(where, primaryKey, givenKey, row)
  // Where the definition says which key wins, they may differ.
  if (source === undefined && ownKey !== undefined && ownKey !== key) {
    const expected = `the value's ${formatValue(primaryKey)} to be the key ${formatValue(key)}`
    const fix = 'Leave out `key`: it is taken from the value'
    throw stateError('key-mismatch', { where, expected, received: formatValue(ownKey), fix })
  }
  const event = {
    type,
    key,
    ...(isDelete ? undefined : { value: omitFields(value, helpers) }),
    ...(oldValue === undefined ? undefined : { old_value: omitFields(oldValue, helpers) }),
    headers: withVersion({ ...withoutControl(headers), operation }, versionOfHelpers(helpers)),
  }
  const decoded = decodeStateEvent(event)
  if (decoded instanceof StateIssue) throw new StateError('invalid-event', `${where}: ${decoded.message}`)
  return event
}

function missingKey(where: string, primaryKey: string, givenKey: unknown, row: unknown): StateError {
  if (givenKey !== undefined) {
    const expected = 'a non-empty string or a finite number as the `key`'
    return stateError('missing-key', { where, expected, received: formatValue(givenKey) })
  }
  const field = formatValue(primaryKey)
  return stateError('missing-key', {
    where,
    expected: `a row with a non-empty string or a finite number as its ${field}, or a \`key\``,
    received: isRecord(row)
      ? `an object whose ${field} is ${formatValue(row[primaryKey])}`
      : formatValue(row),
  })
}

// A header `control` would make the event one that every reader refuses (SPEC F-real-46).
function withoutControl(headers: Parts['headers']): Parts['headers'] {
  if (headers === undefined || !('control' in headers)) return headers
  const { control: _control, ...others } = headers
  return others
}
