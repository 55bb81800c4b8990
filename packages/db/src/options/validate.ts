import type { StateDefinition } from '@streamdb/state'
import { defaultTimes } from '@streamdb/log'
import { StreamDBError } from '@streamdb/log'
import type { CreateStreamDBOptions } from './types.ts'

/** What is accepted, as types are written, and where: paths, in which `*` is every name. */
type Rules = Readonly<Record<string, string>>

/** Options as a caller without types may give them. */
type Unchecked = Readonly<Partial<Record<keyof CreateStreamDBOptions<StateDefinition>, unknown>>>

const rules: Rules = {
  object: 'state state.* state.*.schema.~standard',
  'object | undefined': 'stream hydrate onConflict retry',
  'object | function': 'state.*.schema',
  string: 'state.*.type state.*.primaryKey hydrate.offset',
  array: 'hydrate.items',
  // Of a DurableStream, whichever copy of the client it is of.
  function: 'stream.stream',
  'function | undefined': 'actions onEvent onBeforeBatch onBatch onError onConflict.*',
  'function | "skip" | "fail" | undefined': 'onInvalid',
  'true | false | "sse" | "long-poll" | undefined': 'live',
  'true | false | object | undefined': 'history',
  'number >= 0': 'history.limit',
  'number >= 0 | undefined': 'confirmTimeout retry.*',
}

/** Throws `invalid-options` for what `createStreamDB` cannot use. */
export function checkOptions(options: Unchecked): void {
  checkAll('options', options, rules)
  const { stream, streamOptions = stream, state } = options
  check('options.streamOptions (or options.stream)', streamOptions, 'object')
  for (const [option, known] of Object.entries({ retry: defaultTimes, onConflict: state })) {
    const names = Object.keys(fields(known)).map(kindOf).join(' | ')
    for (const name in fields(fields(options)[option])) check(`a name in options.${option}`, name, names)
  }
}

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

function check(where: string, value: unknown, accepted: string): void {
  const kind = kindOf(value)
  const kinds = accepted.split(' | ')
  if (kinds.includes(kind) || (typeof value === 'string' && kinds.includes('string'))) return
  throw new StreamDBError(
    'invalid-options',
    `createStreamDB: expected ${where} to be ${accepted} but received ${kind}`,
  )
}

function kindOf(value: unknown): string {
  const kind = typeof value
  if (typeof value === 'string') return JSON.stringify(value)
  if (kind === 'function') return kind
  if (typeof value === 'number' && value >= 0) return 'number >= 0'
  if (kind !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'array' : value instanceof Promise ? 'promise' : kind
}

/** Returns anything as an object, to look into. */
function fields(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value) as Readonly<Record<string, unknown>>
}
