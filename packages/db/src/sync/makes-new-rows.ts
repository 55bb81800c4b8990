import type { StandardSchema } from '@streamdb/state'

/**
 * Tells whether a schema surely makes a new object of every value: a plain object schema of zod 4 or valibot, or a choice
 * of those. Others may return their input or a part of it, which belongs to the event (SPEC C2, F-real-11).
 */
export function makesNewRows(schema: StandardSchema): boolean {
  const { vendor } = schema['~standard']
  if (vendor === 'zod') return zodMakesNew(schema)
  return vendor === 'valibot' && valibotMakesNew(schema)
}

/** What is known of a schema of a library; each part may be absent in another version. */
interface ZodParts {
  readonly _zod?: { readonly def?: ZodDefinition }
}

interface ZodDefinition {
  readonly type?: unknown
  readonly options?: unknown
  readonly checks?: readonly ZodCheck[]
}

interface ZodCheck {
  readonly _zod?: { readonly def?: { readonly check?: unknown } }
}

function zodMakesNew(schema: object): boolean {
  const { type, options, checks = [] } = (schema as ZodParts)._zod?.def ?? {}
  // An overwrite may put anything in the place of the new object.
  if (checks.some((check) => check._zod?.def?.check === 'overwrite')) return false
  return type === 'object' || (type === 'union' && every(options, zodMakesNew))
}

interface ValibotParts {
  readonly type?: unknown
  readonly options?: unknown
  readonly pipe?: unknown
}

function valibotMakesNew(schema: object): boolean {
  const { type, options, pipe } = schema as ValibotParts
  // A pipe may end in a transformation.
  if (pipe !== undefined) return false
  if (type === 'union' || type === 'variant') return every(options, valibotMakesNew)
  return /^(object|loose_object|strict_object|object_with_rest)$/.test(String(type))
}

function every(options: unknown, makesNew: (option: object) => boolean): boolean {
  if (!Array.isArray(options) || options.length === 0) return false
  // An array of whatever the library has put into it.
  return (options as readonly unknown[]).every(
    (option) => typeof option === 'object' && option !== null && makesNew(option),
  )
}
