import type { CollectionDefinition } from './definition.ts'
import { misuse } from './errors.ts'
import { operations } from './events.ts'
import type { ChangeEvent, ChangeHeaders, Operation } from './events.ts'
import { show } from './issue.ts'
import { keyOf, wireRow } from './row.ts'

/** Headers of a new event; the operation is the helper's own, and a control has no place beside it. */
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
export function eventHelpers({ type, primaryKey }: CollectionDefinition): EventHelpers<unknown> {
  const helper =
    (operation: Operation) =>
    ({ key: given, value, oldValue, headers }: Parts): ChangeEvent => {
      const isDelete = operation === 'delete'
      const row = isDelete ? oldValue : value
      const own = keyOf(row, primaryKey)
      const key = keyOf({ key: given ?? own }, 'key')
      const where = `${operation} of ${show(type)}`
      if (key === undefined || (!isDelete && (value === undefined || value === null))) {
        throw misuse('missing-key', where, [`a row with a key as its ${show(primaryKey)}`, row])
      }
      if ((own ?? key) !== key) {
        throw misuse('key-mismatch', where, [`${show(primaryKey)} to be ${show(key)}`, own])
      }
      return {
        type,
        key,
        ...(isDelete ? undefined : { value: wireRow(value) }),
        ...(oldValue === undefined ? undefined : { old_value: wireRow(oldValue) }),
        headers: { ...headers, operation },
      }
    }
  const helpers = operations.map((operation) => [operation, helper(operation as Operation)])
  // One helper for each operation.
  return Object.fromEntries(helpers) as EventHelpers<unknown>
}
