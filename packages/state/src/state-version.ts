import type { CollectionDefinition } from './definition.ts'
import { stateError } from './errors.ts'
import { formatValue } from './format-value.ts'
import type { WithInsert } from './omitted-fields.ts'
import { isVersion } from './upgrade.ts'

/** What holds for a whole state. */
export interface StateOptions {
  /**
   * The version of the schemas, a whole number from 1: the event helpers write it into their headers, and databases of
   * this state have it. Default 1, or what a database of this state has.
   */
  readonly version?: number | undefined
}

interface KnownVersion {
  readonly version: number
  /** It was given with the state itself: a database has no other. */
  readonly isFixed: boolean
}

type Definitions = Readonly<Record<string, CollectionDefinition>>

/** By the `insert` helper of a collection, which every copy of its definition shares. */
const versions = new WeakMap<object, KnownVersion>()

/** Returns the version that event helpers write. */
export function versionOfHelpers({ insert }: WithInsert): number {
  return versions.get(insert)?.version ?? 1
}

/** Fixes the version that event helpers write. */
export function fixVersion({ insert }: WithInsert, version: number): void {
  versions.set(insert, { version, isFixed: true })
}

/** Makes the event helpers of a state write `version`, unless the state was created with one. */
export function setVersion(state: Definitions, version: number): void {
  for (const { insert } of helpersOf(state)) {
    if (versions.get(insert)?.isFixed !== true) versions.set(insert, { version, isFixed: false })
  }
}

/** Returns the version that a state was created with; `undefined` where none was given. */
export function versionOf(state: Definitions): number | undefined {
  for (const { insert } of helpersOf(state)) {
    const known = versions.get(insert)
    if (known?.isFixed === true) return known.version
  }
  return undefined
}

/** Throws a `StateError` where the version of a state's options is none. */
export function checkVersion({ version }: StateOptions): void {
  if (version === undefined || isVersion(version)) return
  const expected = 'a whole number from 1'
  const where = 'createStateSchema, version'
  throw stateError('invalid-definition', { where, expected, received: formatValue(version) })
}

/** Plain definitions have no helpers. */
function helpersOf(state: Definitions): WithInsert[] {
  return Object.values(state).flatMap((definition) => {
    const insert: unknown = Reflect.get(definition, 'insert')
    return typeof insert === 'function' ? [{ insert }] : []
  })
}
