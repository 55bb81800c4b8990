import type { CollectionDefinition } from './definition.ts'
import { stateError } from './errors.ts'
import type { ChangeEvent } from './events.ts'
import { formatValue } from './format-value.ts'
import { isNonEmptyString, isRecord } from './row.ts'
import type { InferInput, InferOutput, SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'

/** The row of an event whose value is no row: `{ key: 'theme', value: 'dark' }` of the value `"dark"`. */
export interface KeyValueRow<Value> {
  key: string
  value: Value
}

/** What `keyValue` returns: a definition whose rows are `{ key, value }`, of events that carry the value alone. */
export interface KeyValueDefinition<Input = unknown, Output = Input> extends CollectionDefinition<
  KeyValueRow<Input>,
  KeyValueRow<Output>
> {
  readonly primaryKey: 'key'
  readonly keyValue: true
}

/**
 * Defines a collection of bare values, for `createStateSchema`: any JSON by a key, as a key/value store has it.
 *
 * `schema` is of the value, any Standard Schema: `z.string()`, `z.number().nullable()`, an object that does not hold its key. In the
 * log an event carries the value alone (`"value": "dark"`), and its key; the collection has rows `{ key, value }`, which queries,
 * `insert`, `update` and `delete` go by. `undefined` is no value. Throws a `StateError`, `invalid-definition`, without a
 * schema.
 *
 * @example
 * ```ts
 * const settings = createStateSchema({ settings: keyValue({ schema: z.string(), type: 'setting' }) })
 * settings.settings.insert({ key: 'theme', value: 'dark' }) // an event, ready to append
 * ```
 */
export function keyValue<const Schema extends StandardSchema>(definition: {
  readonly schema: Schema
  readonly type: string
}): KeyValueDefinition<InferInput<Schema>, InferOutput<Schema>> {
  // Callers without types may give anything.
  const { schema, type } = (definition ?? {}) as Partial<typeof definition>
  const inner = schema?.['~standard']
  if (typeof inner?.validate !== 'function') {
    const expected = 'a Standard Schema of the values, such as `z.string()`'
    const received = formatValue(schema)
    throw stateError('invalid-definition', { where: 'keyValue, schema', expected, received })
  }
  const validate = (row: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> => {
    if (!isRecord(row)) return refuse(`expected { key, value } but received ${formatValue(row)}`)
    const { key } = row
    if (!isNonEmptyString(key))
      return refuse(`expected a non-empty string but received ${formatValue(key)}`, 'key')
    if (row['value'] === undefined)
      return refuse('expected a value but received undefined: delete the row instead', 'value')
    const result = inner.validate(row['value'])
    return result instanceof Promise ? result.then((late) => toRow(key, late)) : toRow(key, result)
  }
  // `validate` returns what the inner schema does, with its key: the types that it says.
  return {
    schema: { '~standard': { version: 1, vendor: 'streamdb', validate } },
    type,
    primaryKey: 'key',
    keyValue: true,
  } as unknown as KeyValueDefinition<InferInput<Schema>, InferOutput<Schema>>
}

/** Returns the input of a definition's schema for the value of an event: the value, or the row that contains it. */
export function toInput(
  { key, value }: Pick<ChangeEvent, 'key' | 'value'>,
  definition: Pick<CollectionDefinition, 'keyValue'>,
): unknown {
  return definition.keyValue === true ? { key, value } : value
}

/** Returns what an event carries of a row: the row, or the value alone. */
export function toValue(row: object, definition: Pick<CollectionDefinition, 'keyValue'>): unknown {
  return definition.keyValue === true ? (row as Partial<KeyValueRow<unknown>>).value : row // a row of this definition
}

function toRow(key: string, result: SchemaResult<unknown>): SchemaResult<KeyValueRow<unknown>> {
  if (!result.issues) return { value: { key, value: result.value } }
  return {
    issues: result.issues.map(({ message, path = [] }) => ({ message, path: ['value', ...path] })),
  }
}

function refuse(message: string, field?: string): { readonly issues: readonly SchemaIssue[] } {
  return { issues: [field === undefined ? { message } : { message, path: [field] }] }
}
