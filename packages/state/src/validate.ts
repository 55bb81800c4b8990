import { validate } from './definition.ts'
import type { CollectionDefinition } from './definition.ts'
import type { ChangeEvent } from './events.ts'
import { show, StateIssue } from './issue.ts'
import type { IssueLaw } from './issue.ts'
import { isRecord, keyOf } from './row.ts'
import { pathOf } from './standard-schema.ts'
import type { SchemaIssue, SchemaResult } from './standard-schema.ts'

/**
 * Returns the row that an event puts into its collection (what the schema makes of its value), or the issue.
 *
 * The primary key is filled from the event's key when absent (DESIGN P4): as text, or as the number that it
 * spells where the schema takes only that. The event's own objects are never changed (DESIGN C2). Not for
 * deletes. Never throws.
 */
export function validateRow(event: ChangeEvent, definition: CollectionDefinition): object | StateIssue {
  const { primaryKey } = definition
  let law: IssueLaw = 'C3'
  let expected = 'what the schema takes'
  let reason: Partial<SchemaIssue> | undefined
  try {
    const { issues, value } = validateFilled(event, definition)
    reason = issues?.[0]
    if (!issues) {
      const row = Object(value) as Readonly<Record<string, unknown>> // what is no object has no key
      if (keyOf(row, primaryKey) === event.key) return row
      law = 'P4'
      expected = `the key ${show(event.key)}`
      reason = { path: [primaryKey], message: show(row[primaryKey]) }
    }
  } catch (error) {
    // Thrown by the schema, or about its answer: an error has a message as an issue has.
    reason = Object(error) as Partial<SchemaIssue>
  }
  const path = ['/value', ...pathOf(reason)].join('/')
  return new StateIssue({ law, path, expected, received: String(reason?.message), event })
}

function validateFilled(
  { key, value }: ChangeEvent,
  definition: CollectionDefinition,
): SchemaResult<unknown> {
  const { schema, type, primaryKey } = definition
  const run = (row: unknown): SchemaResult<unknown> => validate(schema['~standard'], row, type)
  if (!isRecord(value) || Object.hasOwn(value, primaryKey)) return run(value)
  const result = run({ ...value, [primaryKey]: key })
  if (!result.issues) return result
  const numbered = run({ ...value, [primaryKey]: Number(key) })
  return numbered.issues ? result : numbered
}
