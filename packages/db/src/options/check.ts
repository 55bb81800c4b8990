import { StreamDBError } from '@streamdb/log'

/** What is accepted, as types are written, and where: paths, in which `*` is every name. */
export type Rules = Readonly<Record<string, string>>

/** Throws `invalid-options` where `value` is no object, or something in it is not accepted. */
export function checkAll(root: string, value: unknown, all: Rules): void {
  check(root, value, 'object')
  for (const [accepted, paths] of Object.entries(all)) {
    for (const path of paths.split(' ')) walk(root, value, path.split('.'), accepted)
  }
}

function walk(where: string, value: unknown, [step, ...rest]: readonly string[], accepted: string): void {
  if (step === undefined) return check(where, value, accepted)
  // There is a rule for what is to be an object, and is none.
  if (Object(value) !== value) return
  for (const name of step === '*' ? Object.keys(fields(value)) : [step]) {
    walk(`${where}.${name}`, fields(value)[name], rest, accepted)
  }
}

export function check(where: string, value: unknown, accepted: string): void {
  const kind = kindOf(value)
  const kinds = accepted.split(' | ')
  if (kinds.includes(kind) || (typeof value === 'string' && kinds.includes('string'))) return
  throw new StreamDBError(
    'invalid-options',
    `createStreamDB: expected ${where} to be ${accepted} but received ${kind}`,
  )
}

export function kindOf(value: unknown): string {
  const kind = typeof value
  if (typeof value === 'string') return JSON.stringify(value)
  if (kind === 'function') return kind
  if (typeof value === 'number' && value >= 0) return 'number >= 0'
  if (kind !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'array' : value instanceof Promise ? 'promise' : kind
}

/** Returns anything as an object, to look into. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value) as Readonly<Record<string, unknown>>
}
