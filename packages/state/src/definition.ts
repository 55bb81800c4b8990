import { misuse, StateError } from './errors.ts'
import { show } from './issue.ts'
import { isName, keyOf } from './row.ts'
import { pathOf } from './standard-schema.ts'
import type { InferOutput, SchemaResult, StandardSchema } from './standard-schema.ts'

/** Says how the events of one type become the rows of one collection. */
export interface CollectionDefinition<Input = unknown, Output = Input> {
  /** Any Standard Schema, synchronous; what it returns is the row. */
  readonly schema: StandardSchema<Input, Output>
  /** The `type` of the events. */
  readonly type: string
  /** The row's field that holds its key: a string, or a number whose decimal text is the event's key. */
  readonly primaryKey: string
}

/** The fields of a row that may be its primary key; any name where the row's type names no fields. */
export type PrimaryKeyOf<Row> = string extends keyof Row
  ? string
  : { [Field in keyof Row]-?: Row[Field] extends string | number ? Field : never }[keyof Row] & string

/** Holds a definition to its schema: a primary key that is no field is a type error. */
export type CheckedDefinition<Definition extends CollectionDefinition> = Definition & {
  readonly primaryKey: PrimaryKeyOf<InferOutput<Definition['schema']>>
}

// `db.collections` is no thenable, and the others are the database's own members.
const reserved = /^(|actions|close|collections|offset|preload|status|stream|then|transact|utils|__proto__)$/

/** Throws unless the definition is whole and can be lived with; `types` holds the types of those before it. */
export function checkDefinition(name: string, definition: unknown, types: Set<string>): void {
  const where = `Collection ${show(name)}`
  if (reserved.test(name)) throw misuse('reserved-name', where, ['another name', name])
  const { schema, type, primaryKey } = (definition ?? {}) as Partial<
    Record<keyof CollectionDefinition, unknown>
  >
  if (!isName(type)) throw misuse('invalid-definition', `${where}, type`, ['a non-empty string', type])
  if (types.has(type)) throw misuse('duplicate-type', where, ['a type of its own', type])
  types.add(type)
  const standard = (schema as Partial<StandardSchema> | null | undefined)?.['~standard']
  if (typeof standard?.validate !== 'function') {
    throw misuse('invalid-definition', `${where}, schema`, ['a Standard Schema', schema])
  }
  try {
    if (!isName(primaryKey) || !hasField((row) => validate(standard, row, where), primaryKey)) {
      throw misuse('invalid-definition', `${where}, primaryKey`, [
        'a required field of the schema',
        primaryKey,
      ])
    }
  } catch (error) {
    // Any other is a handwritten schema's, which may choke on what is no row; then nothing can be told.
    if (error instanceof StateError) throw error
  }
}

/** Runs a schema on a row; throws `async-schema` for an answer that is a promise, and what the schema throws. */
export function validate(
  standard: StandardSchema['~standard'],
  row: unknown,
  where: string,
): SchemaResult<unknown> {
  const result = standard.validate(row)
  if (!(result instanceof Promise)) return result
  // Nobody will read it; an unread rejection would end a Node process.
  result.catch(() => undefined)
  throw misuse('async-schema', where, ['a synchronous schema', 'a promise'])
}

/**
 * Tells whether every row holds its key in `primaryKey`: `false` only where that is sure not to be so.
 *
 * Made-up rows are tried, each mended where the one before was refused, until one is taken: then every part of the
 * schema has run, the async ones too.
 */
function hasField(run: (row: object) => SchemaResult<unknown>, primaryKey: string): boolean {
  const row = new Map<string, unknown>()
  // The last candidate only lets the one before it be tried.
  for (const candidate of ['2020-01-01T00:00:00Z', 1, true, [], {}, 0]) {
    const { issues, value } = run(Object.fromEntries(row))
    if (!issues) {
      if (keyOf(value, primaryKey) !== undefined) return true
      // A handwritten schema may name no field, and keep them all.
      return row.size === 0 && keyOf(run({ [primaryKey]: 'a' }).value, primaryKey) === 'a'
    }
    for (const issue of issues) row.set(pathOf(issue)[0] ?? primaryKey, candidate)
  }
  return true
}
