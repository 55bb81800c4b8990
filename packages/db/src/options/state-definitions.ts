import { createStateSchema as defineState, setOmittedFields, StateError } from '@streamdb/state'
import type { CheckedDefinition, StateDefinition, StateOptions, StateSchema } from '@streamdb/state'
import { isVirtualField } from '../collections/virtual-fields.ts'

/**
 * Names that a database needs itself. The published layer has its members beside its collections; code that is
 * written for either must find no other thing under them. An awaited object is asked for `then`.
 */
const reservedNames: ReadonlySet<string> = new Set([
  'actions',
  'close',
  'collections',
  'offset',
  'preload',
  'status',
  'stream',
  'then',
  'transact',
  'utils',
])

/** Tells whether a name cannot be a collection's. */
export function isReservedName(name: string): boolean {
  return reservedNames.has(name)
}

/**
 * Defines the state of a stream: which event type is which collection, with which schema and which primary key.
 *
 * As `createStateSchema` of `@streamdb/state`, for rows of TanStack DB: the event helpers leave out the fields that it
 * adds to rows (`$synced`, `$key` and the like), so that a spread row can be written back. Throws a `StateError`:
 * `duplicate-type`, `invalid-definition`, and `reserved-name` for a name that the database needs itself.
 *
 * @example
 * ```ts
 * const state = createStateSchema({
 *   users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
 * })
 * state.users.insert({ value: { id: '1', name: 'Ada' } }) // an event, ready to append
 * ```
 */
export function createStateSchema<const Definitions extends StateDefinition>(
  definitions: Definitions & { readonly [Name in keyof Definitions]: CheckedDefinition<Definitions[Name]> },
  options?: StateOptions,
): StateSchema<Definitions> {
  const state = defineState<Definitions>(definitions, options)
  for (const name of Object.keys(definitions)) {
    if (!isReservedName(name)) continue
    const others = 'a name that is not a member of a database'
    throw new StateError('reserved-name', `Collection "${name}": expected ${others} but received "${name}"`)
  }
  omitVirtualFields(state)
  return state
}

/** Makes the event helpers of a state leave out TanStack's virtual fields; plain definitions have no helpers. */
export function omitVirtualFields(state: StateDefinition): void {
  for (const definition of Object.values(state)) {
    const insert: unknown = Reflect.get(definition, 'insert')
    if (typeof insert === 'function') setOmittedFields({ insert }, isVirtualField)
  }
}
