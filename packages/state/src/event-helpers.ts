import type { CollectionDefinition } from './definition.ts'
import { StateError } from './errors.ts'
import type { ChangeEvent, ChangeHeaders, Operation } from './events.ts'
import { show } from './issue.ts'
import { keyOf, wireRow } from './row.ts'

/** Headers of a new event; the operation is the helper's own. */
export type EventHeaders = Omit<Partial<ChangeHeaders>, 'operation'> & { readonly operation?: never }

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
 * Makes the events of one collection, ready for `JSON.stringify`.
 *
 * The key is the value's primary key; a number is written as its decimal text. TanStack's virtual fields
 * (`$synced` and the like, which a spread row carries) are left out. Each throws a `StateError`: `missing-key`
 * without a usable key, `key-mismatch` where `key` and the value disagree.
 */
export interface EventHelpers<Input, Output = Input> {
  insert(parts: WriteParts<Input>): ChangeEvent<Input>
  update(parts: UpdateParts<Input, Input | Output>): ChangeEvent<Input>
  upsert(parts: UpdateParts<Input, Input | Output>): ChangeEvent<Input>
  delete(parts: DeleteParts<Input | Output>): ChangeEvent<Input>
}

interface Parts {
  readonly value?: unknown
  readonly oldValue?: unknown
  readonly key?: string | number | undefined
  readonly headers?: EventHeaders | undefined
}

/** Returns the helpers of one collection. */
export function eventHelpers(definition: CollectionDefinition): EventHelpers<unknown> {
  const make = (operation: Operation) => (parts: Parts) => changeEvent(definition, operation, parts)
  return { insert: make('insert'), update: make('update'), upsert: make('upsert'), delete: make('delete') }
}

function changeEvent(definition: CollectionDefinition, operation: Operation, parts: Parts): ChangeEvent {
  const { type } = definition
  const row = operation === 'delete' ? parts.oldValue : parts.value
  return {
    type,
    key: eventKey(definition, operation, parts.key, row),
    ...(operation === 'delete' ? undefined : { value: wireRow(parts.value) }),
    ...(parts.oldValue === undefined ? undefined : { old_value: wireRow(parts.oldValue) }),
    headers: { ...parts.headers, operation },
  }
}

function eventKey(
  { type, primaryKey }: CollectionDefinition,
  operation: Operation,
  given: string | number | undefined,
  row: unknown,
): string {
  const where = `${operation} of ${JSON.stringify(type)}`
  const field = JSON.stringify(primaryKey)
  if (operation !== 'delete' && (row === undefined || row === null)) {
    throw new StateError('missing-key', `${where}: expected a value but received ${show(row)}`)
  }
  const own = keyOf(row, primaryKey)
  const key = given === undefined ? own : keyOf({ key: given }, 'key')
  if (key === undefined) {
    const expected = `a key, or a row whose ${field} is a non-empty string or a finite number`
    throw new StateError('missing-key', `${where}: expected ${expected} but received ${show(given ?? row)}`)
  }
  if (own !== undefined && own !== key) {
    const both = `key ${JSON.stringify(key)} but its row's ${field} is ${JSON.stringify(own)}`
    throw new StateError('key-mismatch', `${where}: was given ${both}`)
  }
  return key
}
