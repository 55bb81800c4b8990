import { checkDefinition } from './definition.ts'
import type { CheckedDefinition, CollectionDefinition } from './definition.ts'
import { stateError } from './errors.ts'
import { eventHelpers } from './event-helpers.ts'
import type { EventHelpers, KeyValueEventHelpers } from './event-helpers.ts'
import { formatValue } from './format-value.ts'
import type { KeyValueDefinition } from './key-value.ts'
import { isRecord } from './row.ts'
import { checkVersion, fixVersion } from './state-version.ts'
import type { StateOptions } from './state-version.ts'
import type { InferInput, InferOutput } from './standard-schema.ts'

/** The collections of a database, by name. */
export type StateDefinition = Readonly<Record<string, CollectionDefinition>>

/**
 * A definition with the helpers that create its events. Given the type of a value in place of a definition, as the
 * published layer's is: the definition of such values.
 */
export type CollectionWithHelpers<Definition = CollectionDefinition> =
  Definition extends KeyValueDefinition<infer Input, infer Output>
    ? Definition & KeyValueEventHelpers<Input, Output>
    : Definition extends CollectionDefinition
      ? Definition & EventHelpers<InferInput<Definition['schema']>, InferOutput<Definition['schema']>>
      : CollectionDefinition<Definition> & EventHelpers<Definition>

/** What `createStateSchema` returns: every definition with its event helpers. */
export type StateSchema<Definitions extends StateDefinition> = {
  readonly [Name in keyof Definitions]: CollectionWithHelpers<Definitions[Name]>
}

/**
 * Defines the state of a stream: which event type is which collection, with which schema and which primary key.
 *
 * Throws a `StateError`: `duplicate-type`, `reserved-name`, and `invalid-definition` for a part that is missing or
 * wrong. Schemas are not called: a primary key that is no field of the schema is a type error, and an issue of the
 * first row (`key-mismatch`); an asynchronous schema is an issue of the first row (`async-schema`). With a `version` above
 * 1, the event helpers say in the header `schemaVersion` what their values were written for.
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
  options: StateOptions = {},
): StateSchema<Definitions> {
  if (!isRecord(definitions)) {
    const expected = 'an object of definitions, by the names of the collections'
    const received = formatValue(definitions)
    throw stateError('invalid-definition', { where: 'createStateSchema', expected, received })
  }
  checkVersion(options)
  const types = new Set<string>()
  const entries = Object.entries<CollectionDefinition>(definitions)
  // Entry by entry the very shape that the type maps.
  return Object.fromEntries(
    entries.map(([name, definition]) => {
      checkDefinition(name, definition, types)
      const helpers = eventHelpers(definition)
      if (options.version !== undefined) fixVersion(helpers, options.version)
      return [name, { ...definition, ...helpers }]
    }),
  ) as unknown as StateSchema<Definitions>
}
