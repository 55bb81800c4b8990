import { StateError } from './errors.ts'
import { show } from './issue.ts'
import type { InferOutput, SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'

/** Says how the events of one type become the rows of one collection. */
export interface CollectionDefinition<Input = unknown, Output = Input> {
  /** Any Standard Schema, synchronous; what it returns is the row. */
  readonly schema: StandardSchema<Input, Output>
  /** The `type` of the events. */
  readonly type: string
  /** The row's field that holds its key: a string, or a number whose decimal text is the event's key. */
  readonly primaryKey: string
}

/** The fields of a row that may be its primary key. */
export type PrimaryKeyOf<Row> = {
  [Field in keyof Row]-?: Row[Field] extends string | number ? Field : never
}[keyof Row] &
  string

/** Holds a definition to its schema: a primary key that is no field is a type error. */
export type CheckedDefinition<Definition extends CollectionDefinition> = Definition & {
  readonly primaryKey: PrimaryKeyOf<InferOutput<Definition['schema']>>
}

// `db.collections` is no thenable, and these are the database's own members.
const reserved = new Set(
  'actions close collections history issues offset onStatus preload retry status stream subscribeStatus then transact utils __proto__'.split(
    ' ',
  ),
)

/** Throws unless the definition is whole and can be lived with; `types` holds the types of those before it. */
export function checkDefinition(name: string, definition: unknown, types: Map<string, string>): void {
  const where = `Collection ${JSON.stringify(name)}`
  if (name === '' || reserved.has(name)) {
    throw new StateError('reserved-name', `${where}: this name is reserved; choose another`)
  }
  if (typeof definition !== 'object' || definition === null) {
    throw invalid(where, 'a definition { schema, type, primaryKey }', definition)
  }
  const { schema, type, primaryKey }: Partial<Record<keyof CollectionDefinition, unknown>> = definition
  if (typeof type !== 'string' || type === '') throw invalid(`${where}, type`, 'a non-empty string', type)
  if (typeof primaryKey !== 'string' || primaryKey === '') {
    throw invalid(`${where}, primaryKey`, 'the name of a field', primaryKey)
  }
  const other = types.get(type)
  if (other !== undefined) {
    const both = `${JSON.stringify(other)} and ${JSON.stringify(name)}`
    throw new StateError('duplicate-type', `Collections ${both} both claim the type ${JSON.stringify(type)}`)
  }
  types.set(type, name)
  if (!isSchema(schema)) {
    throw invalid(`${where}, schema`, 'a Standard Schema (an object with "~standard".validate)', schema)
  }
  probe(where, schema, primaryKey)
}

/** Throws `async-schema` for a schema's answer that is a promise. */
export function refuseAsync<Result>(where: string, result: Result | Promise<Result>): Result {
  if (!(result instanceof Promise)) return result
  // Nobody will read it; an unread rejection would end a Node process.
  result.catch(() => undefined)
  throw new StateError(
    'async-schema',
    `${where}: the schema answers with a promise; rows are validated synchronously, so take its async parts out`,
  )
}

/**
 * Tries made-up rows on the schema, each mended where the one before was refused, until one is taken: then every
 * part of the schema has run, the async ones too. A row taken without the primary key is tried once more with a
 * symbol for it: a field would be refused by name, no field is dropped, or waved through.
 */
function probe(where: string, schema: StandardSchema, primaryKey: string): void {
  if (schema['~standard'].validate.constructor.name === 'AsyncFunction') refuseAsync(where, Promise.resolve())
  const noField = invalid(`${where}, primaryKey`, "one of the schema's fields", primaryKey)
  const sample = Object.create(null) as Record<string, unknown> // no prototype: a field may be called anything
  let known = false
  let keyAdded = false
  for (const candidate of ['a', 1, true, [], {}, new Date(0), '2020-01-01T00:00:00Z', 'a@a.aa']) {
    const result = tryRow(where, schema, sample)
    if (result === undefined) return
    if (result.issues !== undefined) {
      const refused = result.issues.map(fieldOf).filter((field) => field !== undefined)
      if (keyAdded) {
        if (refused.includes(primaryKey)) return
        throw noField
      }
      known ||= refused.length > 0
      for (const field of refused) sample[field] = candidate
    } else {
      const row: unknown = result.value
      if (typeof row !== 'object' || row === null) return
      if (keyAdded) {
        // A handwritten schema that names no field may well take all of them as they are.
        if (known || !(primaryKey in row)) throw noField
        return
      }
      if (primaryKey in row) return
      sample[primaryKey] = Symbol(primaryKey)
      keyAdded = true
    }
  }
}

function tryRow(
  where: string,
  schema: StandardSchema,
  sample: Readonly<Record<string, unknown>>,
): SchemaResult<unknown> | undefined {
  try {
    return refuseAsync(where, schema['~standard'].validate({ ...sample }))
  } catch (error) {
    if (error instanceof StateError) throw error
    // A handwritten schema may choke on what is no row; then nothing can be told.
    return undefined
  }
}

function fieldOf({ path }: SchemaIssue): string | undefined {
  const first = path?.[0]
  if (first === undefined) return undefined
  return String(typeof first === 'object' ? first.key : first)
}

function isSchema(schema: unknown): schema is StandardSchema {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return false
  const standard: unknown = (schema as Readonly<Record<string, unknown>>)['~standard'] // narrowed just above
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof (standard as Readonly<Record<string, unknown>>)['validate'] === 'function' // as above
  )
}

function invalid(where: string, expected: string, received: unknown): StateError {
  return new StateError('invalid-definition', `${where}: expected ${expected} but received ${show(received)}`)
}
