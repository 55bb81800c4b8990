import type { CollectionDefinition } from './definition.ts'
import type { ChangeEvent } from './events.ts'
import { formatValue } from './format-value.ts'
import { StateIssue } from './issue.ts'
import type { IssueDetails } from './issue.ts'
import { toInput } from './key-value.ts'
import { isRecord, keyOf, withField } from './row.ts'
import { pathOf } from './standard-schema.ts'
import type { SchemaIssue, SchemaResult } from './standard-schema.ts'

/**
 * Returns the row that an event puts into its collection (what the schema makes of its value), or the issue.
 *
 * The primary key is filled from the event's key when absent (SPEC P4), and replaced by it where the definition's `key` is
 * `'event'`: as text, or as the number that it spells where the schema takes only that. The event's own objects are never
 * changed (SPEC C2). Not for deletes. Never throws.
 */
export function validateRow(event: ChangeEvent, definition: CollectionDefinition): object | StateIssue {
  if (event.value === null && definition.keyValue !== true) {
    const expected = 'an object (null is no row; only MaterializedState keeps it)'
    return issue(event, { code: 'missing-part', path: '/value', expected, received: 'null' })
  }
  let result: SchemaResult<unknown> | Promise<unknown>
  try {
    result = validateFilled(event, definition)
    if (!(result instanceof Promise)) {
      if (result.issues) return refusal(event, result.issues[0], definition.keyValue)
      return isRecord(result.value)
        ? checkKey(event, definition, result.value)
        : noObject(event, result.value)
    }
  } catch (error) {
    // A schema's own code may throw anything, on any value. An error has a message, as an issue has.
    return refusal(event, Object(error) as Partial<SchemaIssue>)
  }
  // The promise is not used; an unhandled rejection would end a Node process.
  result.catch(() => undefined)
  const expected = `a synchronous schema for type ${formatValue(definition.type)}`
  return issue(event, { code: 'async-schema', path: '/value', expected, received: 'a promise' })
}

function checkKey(
  event: ChangeEvent,
  { primaryKey, key: source }: CollectionDefinition,
  row: Readonly<Record<string, unknown>>,
): object | StateIssue {
  const key = keyOf(row, primaryKey)
  if (key !== undefined && (key === event.key || source === 'value')) return row
  const own = Object.hasOwn(row, primaryKey) ? row[primaryKey] : undefined
  return issue(event, {
    code: 'key-mismatch',
    path: `/value/${primaryKey}`,
    // A key that cannot be one is not told to equal another: `expected the key "" but received ""` cannot be true.
    expected:
      key === undefined
        ? 'a non-empty string or a finite number as the primary key'
        : `the key ${formatValue(event.key)}`,
    received: formatValue(own),
  })
}

function noObject(event: ChangeEvent, output: unknown): StateIssue {
  const expected = isRecord(event.value) ? 'an object from the schema' : 'an object'
  return issue(event, { code: 'schema', path: '/value', expected, received: formatValue(output) })
}

function refusal(event: ChangeEvent, reason: Partial<SchemaIssue> | undefined, isBare?: true): StateIssue {
  // Of a bare value the row's field is no part of the event's path.
  const path = ['/value', ...pathOf(reason).slice(isBare === true ? 1 : 0)].join('/')
  const words = String(reason?.message)
  return issue(event, {
    code: 'schema',
    path,
    expected: 'what the schema takes',
    received: words,
    reason: words,
  })
}

function issue(event: ChangeEvent, details: Omit<IssueDetails, 'event'>): StateIssue {
  return new StateIssue({ ...details, event })
}

function validateFilled(
  event: ChangeEvent,
  definition: CollectionDefinition,
): SchemaResult<unknown> | Promise<unknown> {
  const { key } = event
  const { schema, primaryKey, key: source } = definition
  const value = toInput(event, definition)
  const standard = schema['~standard']
  if (!isRecord(value) || (source !== 'event' && Object.hasOwn(value, primaryKey)))
    return standard.validate(value)
  const result = standard.validate(withField(value, primaryKey, key))
  if (result instanceof Promise || !result.issues) return result
  const numbered = standard.validate(withField(value, primaryKey, Number(key)))
  return numbered instanceof Promise || numbered.issues ? result : numbered
}
