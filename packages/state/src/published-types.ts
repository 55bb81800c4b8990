/**
 * The type names of the published layer's documentation (`@durable-streams/state`) that have another name here, so that
 * code written for it moves here by its imports alone.
 */
import type { EventHelpers } from './event-helpers.ts'
import type { StateDefinition } from './schema.ts'

/** A JSON value, with `Extensions` for values that are none. */
export type Value<Extensions = never> =
  | string
  | number
  | boolean
  | bigint
  | null
  | Value<Extensions>[]
  | { [key: string]: Value<Extensions> }
  | Extensions

/** A row of JSON values. */
export type Row<Extensions = never> = Record<string, Value<Extensions>>

/** The published layer's name of `StateDefinition`. */
export type StreamStateDefinition = StateDefinition

/** The published layer's name of `EventHelpers`. */
export type CollectionEventHelpers<Input, Output = Input> = EventHelpers<Input, Output>
