import { StreamDBError } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { LoadPlan } from '../sync/older-rows-parts.ts'
import { kindOf } from './check.ts'
import { refuseUnknownNames } from './unknown-names.ts'

/** The option `load`: the newest rows of a long log first. */
export interface LoadOptions {
  /** How many rows are loaded first, a whole number from 1; `loadOlder()` loads as many, unless told otherwise. */
  readonly last: number
  /**
   * The event type whose newest rows are loaded first. If there are several, rows of the first are counted, and rows of the
   * others come with them: reactions with their messages, say. Rows of all other types are loaded whole at once, so that a
   * join never misses one.
   */
  readonly of: string | readonly [string, ...string[]]
  /** When the other rows are loaded: behind the first ones, or when `loadOlder()` is called. Default `'background'`. */
  readonly rest?: 'background' | 'on-request' | undefined
}

/** Checks the option `load` against the state. Throws `invalid-options`. */
export function checkLoad(load: unknown, state: StateDefinition): void {
  if (load === undefined) return
  const { last, of, rest } = Object(load) as { readonly [Name in keyof LoadOptions]?: unknown } // it was checked
  refuseUnknownNames('options.load', Object(load) as object, ['last', 'of', 'rest'])
  if (!Number.isSafeInteger(last) || Number(last) < 1) refuse('last', 'a whole number from 1', last)
  const types = Object.values(state).map(({ type }) => type)
  const expected = `a type that has a collection, or an array of such: ${types.map(kindOf).join(', ')}`
  const given: readonly unknown[] = Array.isArray(of) ? of : [of]
  if (given.length === 0) refuse('of', expected, of)
  for (const each of given) {
    if (typeof each !== 'string' || !types.includes(each)) refuse('of', expected, each)
  }
  if (rest !== undefined && rest !== 'background' && rest !== 'on-request')
    refuse('rest', '"background" or "on-request"', rest)
}

/** Returns what is loaded first, and when the rest. */
export function resolveLoad(load: LoadOptions | undefined, state: StateDefinition): LoadPlan | undefined {
  if (load === undefined) return undefined
  const { last, rest = 'background' } = load
  const of: readonly [string, ...string[]] = typeof load.of === 'string' ? [load.of] : load.of
  const types = Object.values(state).map(({ type }) => type)
  return { newest: { last, of, whole: types.filter((type) => !of.includes(type)) }, rest }
}

function refuse(name: string, expected: string, received: unknown): never {
  throw new StreamDBError(
    'invalid-options',
    `createStreamDB: expected options.load.${name} to be ${expected} but received ${typeof received === 'number' ? received : kindOf(received)}`,
  )
}
