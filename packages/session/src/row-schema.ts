import type { SchemaIssue, SchemaResult, StandardSchema } from '@streamdb/state'

/** What a field holds; with a question mark it may be absent. `json` is anything that JSON can hold. */
export type FieldKind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'strings'
  | 'list'
  | 'json'
  | 'string?'
  | 'number?'
  | 'boolean?'
  | 'strings?'
  | 'list?'
  | 'json?'

/** A field that holds one of these words. A word that this version does not know is taken: a newer writer may know it. */
export type RowFields<Row> = { readonly [Field in keyof Required<Row>]: FieldKind }

/**
 * Returns the schema of a row: it checks the fields that are named, and lets others through, so that rows of a newer
 * version, or of an application that adds fields, are read. A valid value is the row itself, not a copy.
 *
 * `Input` is what writers give, where the primary key may follow from the event's key.
 */
export function rowSchema<Row extends object, Input extends object = Row>(
  fields: RowFields<Row>,
): StandardSchema<Input, Row> {
  const checks = Object.entries<FieldKind>(fields).map(([name, kind]) => toCheck(name, kind))
  const validate = (value: unknown): SchemaResult<Row> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { issues: [{ message: 'expected an object' }] }
    }
    for (const { name, isOptional, expected, accepts } of checks) {
      const field: unknown = Reflect.get(value, name)
      if (field === undefined ? isOptional : accepts(field)) continue
      return { issues: [issue(name, expected, field)] }
    }
    // Every field was checked.
    return { value: value as Row }
  }
  return { '~standard': { version: 1, vendor: 'streamdb', validate } }
}

interface FieldCheck {
  readonly name: string
  readonly isOptional: boolean
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

const kinds: Readonly<Record<string, Pick<FieldCheck, 'expected' | 'accepts'>>> = {
  string: { expected: 'a string', accepts: (value) => typeof value === 'string' },
  number: { expected: 'a finite number', accepts: (value) => Number.isFinite(value) },
  boolean: { expected: 'a boolean', accepts: (value) => typeof value === 'boolean' },
  strings: {
    expected: 'an array of strings',
    accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  },
  list: { expected: 'an array', accepts: (value) => Array.isArray(value) },
  json: { expected: 'a value', accepts: () => true },
}

function toCheck(name: string, kind: FieldKind): FieldCheck {
  const isOptional = kind.endsWith('?')
  const found = kinds[isOptional ? kind.slice(0, -1) : kind]
  if (found === undefined) throw new TypeError(`Field ${name}: unknown kind ${kind}`)
  return { name, isOptional, ...found }
}

function issue(name: string, expected: string, received: unknown): SchemaIssue {
  const what = received === undefined ? 'nothing' : typeof received
  return { message: `expected ${expected} but received ${what}`, path: [name] }
}
