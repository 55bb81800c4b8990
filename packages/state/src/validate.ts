import { refuseAsync } from './definition.ts'
import type { CollectionDefinition } from './definition.ts'
import type { ChangeEvent } from './events.ts'
import { show, StateIssue } from './issue.ts'
import { keyOf } from './row.ts'
import { pointer } from './standard-schema.ts'
import type { SchemaResult } from './standard-schema.ts'

/**
 * Returns the row that an event puts into its collection (what the schema makes of its value), or the issue.
 *
 * The primary key is filled from the event's key when absent (DESIGN P4): as text, or as the number that it
 * spells where the schema takes only that. The event's own objects are never changed (DESIGN C2). Not for
 * deletes. Never throws.
 */
export function validateRow(event: ChangeEvent, definition: CollectionDefinition): object | StateIssue {
  const { primaryKey } = definition
  const { value, key } = event
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return issue(event, 'C3', '/value', 'an object, which the rows of a collection are', show(value))
  }
  const row = value as Readonly<Record<string, unknown>> // an object that is no array, as was just seen
  let result: SchemaResult<unknown>
  try {
    if (Object.hasOwn(row, primaryKey) && row[primaryKey] !== undefined) {
      result = validate(definition, row)
    } else {
      result = validate(definition, withKey(row, primaryKey, key))
      // Only a number that is spelled just so: "07" names another row than 7 does.
      const number = Number(key)
      if (result.issues !== undefined && String(number) === key) {
        const numbered = validate(definition, withKey(row, primaryKey, number))
        if (numbered.issues === undefined) result = numbered
      }
    }
  } catch (error) {
    return issue(event, 'C3', '/value', 'a schema that answers', `an error: ${String(error)}`)
  }
  if (result.issues !== undefined) {
    const [first] = result.issues
    const path = first === undefined ? '' : pointer(first)
    return issue(event, 'C3', `/value${path}`, "what the collection's schema takes", first?.message ?? 'issues')
  }
  const output = result.value
  if (typeof output !== 'object' || output === null || Array.isArray(output)) {
    return issue(event, 'C3', '/value', 'a schema that returns objects', show(output))
  }
  const own = keyOf(output, primaryKey)
  if (own !== key) {
    const received = show((output as Readonly<Record<string, unknown>>)[primaryKey]) // an object, as above
    return issue(event, 'P4', `/value/${primaryKey}`, `the event's key ${JSON.stringify(key)}`, received)
  }
  return output
}

function validate(definition: CollectionDefinition, row: unknown): SchemaResult<unknown> {
  return refuseAsync(`Collection of type ${JSON.stringify(definition.type)}`, definition.schema['~standard'].validate(row))
}

/** Copies the row with its key. Defined, not assigned: the field may be called `__proto__` (DESIGN P5). */
function withKey(row: Readonly<Record<string, unknown>>, primaryKey: string, key: string | number): object {
  return Object.defineProperty({ ...row }, primaryKey, {
    value: key,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function issue(
  event: ChangeEvent,
  law: 'P4' | 'C3',
  path: string,
  expected: string,
  received: string,
): StateIssue {
  return new StateIssue({ law, path, expected, received, event })
}
