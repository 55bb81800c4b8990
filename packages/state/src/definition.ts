import { stateError } from './errors.ts'
import { formatValue } from './format-value.ts'
import { isNonEmptyString } from './row.ts'
import type { InferOutput, StandardSchema } from './standard-schema.ts'

/** Says how the events of one type become the rows of one collection. */
export interface CollectionDefinition<Input = unknown, Output = Input> {
  /** Any Standard Schema that validates synchronously; its output is the row. */
  readonly schema: StandardSchema<Input, Output>
  /** The `type` of the events. */
  readonly type: string
  /** The row's field that holds its key: a string, or a number whose decimal text is the event's key. */
  readonly primaryKey: string
  /**
   * Which key wins where the events' keys are not the rows' primary keys, as in logs that others write: `user:9` with
   * `{ id: '9' }`. `'event'`: the primary key of a row is the event's key, whatever its value says. `'value'`: a row
   * keeps its own primary key, and the log its keys. By default they have to agree: a row that disagrees is an issue.
   */
  readonly key?: KeySource | undefined
  /** Rows are `{ key, value }`, and events carry the value alone: a definition that `keyValue` made. */
  readonly keyValue?: true | undefined
}

/** Where the key of a row comes from. */
export type KeySource = 'event' | 'value'

/** The fields of a row that may be its primary key; any name where the row's type names no fields. */
export type PrimaryKeyOf<Row> = string extends keyof Row
  ? string
  : { [Field in keyof Row]-?: Row[Field] extends string | number ? Field : never }[keyof Row] & string

/** Stands in the compiler's error for a `primaryKey` that is no field of every row: it names the fields that are. */
export interface PrimaryKeyMustBeOneOf<Fields> {
  readonly 'the primary key must be a required field of the schema that holds a string or a number': Fields
}

/** Holds a definition to its schema: a primary key that is no field is a type error. */
export type CheckedDefinition<Definition extends CollectionDefinition> = Definition & {
  // Intersected with an object, not with other names: `never` would make every part of the definition an error.
  readonly primaryKey: CheckedPrimaryKey<
    Definition['primaryKey'],
    PrimaryKeyOf<InferOutput<Definition['schema']>>
  >
}

// `string`, as of a definition that was not written in place, may be any of the fields: rows tell.
type CheckedPrimaryKey<Given extends string, Fields extends string> = string extends Given
  ? unknown
  : Given extends Fields
    ? unknown
    : PrimaryKeyMustBeOneOf<OrNone<Fields>>

// Written out, for an error that says `never` says nothing.
type OrNone<Fields> = [Fields] extends [never] ? 'this schema has no such field' : Fields

/**
 * Throws a `StateError` unless a definition has every part; `types` holds the types of the definitions before it.
 *
 * The schema is not called: an invented value proves nothing about it, and a transform may throw on one. An
 * asynchronous schema, and a primary key that the schema drops, are issues of the first row.
 */
export function checkDefinition(name: string, definition: unknown, types: Set<string>): void {
  const where = `Collection ${formatValue(name)}`
  if (name === '' || name === '__proto__') {
    throw stateError('reserved-name', { where, expected: 'another name', received: formatValue(name) })
  }
  const { schema, type, primaryKey, key } = (definition ?? {}) as Partial<
    Record<keyof CollectionDefinition, unknown>
  >
  const invalid = (part: keyof CollectionDefinition, expected: string, received: unknown): Error =>
    stateError('invalid-definition', {
      where: `${where}, ${part}`,
      expected,
      received: formatValue(received),
    })
  if (!isNonEmptyString(type)) throw invalid('type', 'a non-empty string, the `type` of its events', type)
  if (types.has(type)) {
    const fix = 'Each collection needs events of its own type'
    throw stateError('duplicate-type', {
      where,
      expected: 'a type of its own',
      received: formatValue(type),
      fix,
    })
  }
  types.add(type)
  const standard = (schema as Partial<StandardSchema> | null | undefined)?.['~standard']
  if (typeof standard?.validate !== 'function') {
    throw invalid('schema', 'a Standard Schema, such as a Zod, Valibot or ArkType schema', schema)
  }
  if (!isNonEmptyString(primaryKey)) {
    throw invalid('primaryKey', 'the name of a field of the schema', primaryKey)
  }
  if (key !== undefined && key !== 'event' && key !== 'value') throw invalid('key', '"event" or "value"', key)
}
