import { SchemaMustBeSynchronousError, SchemaValidationError } from '@tanstack/db'
import type { StandardSchema as TanStackSchema } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'
import { pathOf } from '@streamdb/state'
import type { CollectionDefinition, SchemaResult } from '@streamdb/state'
import { storedFormsOf } from './stored-forms.ts'

/** How many of a schema's issues a message lists. */
const maxIssues = 5

/**
 * Returns the schema of a collection: its issues have plain field names in their paths, and rows that it returned are
 * given to it in their stored form again (SPEC F-real-17).
 *
 * TanStack joins the segments of a path as text, and Valibot's segments are objects: `path: [object Object]` (SPEC
 * F-real-37). Upstream: reading `segment.key`, as the Standard Schema interface says, would remove this.
 */
export function collectionSchema(definition: CollectionDefinition): TanStackSchema<object> {
  const { '~standard': standard } = definition.schema
  const forms = storedFormsOf(definition)
  const validate = (value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> => {
    const input = forms?.restore(value) ?? value
    const result = standard.validate(input)
    if (result instanceof Promise) return result
    if (!result.issues) {
      forms?.note(result.value, input)
      return result
    }
    return {
      issues: result.issues.map((issue) => ({ ...issue, message: issue.message, path: pathOf(issue) })),
    }
  }
  // The same interface, spelled by TanStack. A schema may be a function or a class; only this part of it is used.
  return { '~standard': { ...standard, validate } } as unknown as TanStackSchema<object>
}

/** Returns what TanStack threw about a row as an error that names each field and the schema's words; else `undefined`. */
export function toSchemaError(error: unknown, what: string): StreamDBError | undefined {
  if (error instanceof SchemaMustBeSynchronousError) {
    const message = `${what}: the schema is asynchronous. Expected a schema that validates synchronously; received a promise`
    return new StreamDBError('invalid-write', message, { cause: error })
  }
  if (!(error instanceof SchemaValidationError)) return undefined
  const listed = error.issues.slice(0, maxIssues).map(({ message, path = [] }) => {
    return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`
  })
  const others = error.issues.length - listed.length
  const more = others > 0 ? [`and ${others} more`] : []
  const message = `${what}: the schema refused the row: ${[...listed, ...more].join('; ')}`
  return new StreamDBError('invalid-write', message, { cause: error })
}
