/**
 * The type names of the published layer's documentation (`@durable-streams/state/db`) that have another name here, so
 * that code written for it moves here by its imports alone.
 */
import type { StateDefinition } from '@streamdb/state'
import type { ActionContext } from './options/types.ts'
import type { StreamDB } from './stream-db.ts'
import type { ActionDefinitions } from './writes/actions.ts'

/** Makes a database's actions: the option `actions`. */
export type ActionFactory<Definitions extends StateDefinition, Actions extends ActionDefinitions> = (
  context: ActionContext<Definitions>,
) => Actions

/** What every database has, whatever its state. */
export type StreamDBMethods = Pick<
  StreamDB<StateDefinition>,
  'stream' | 'offset' | 'preload' | 'close' | 'utils'
>

/** The published layer's name of a `StreamDB` with actions. */
export type StreamDBWithActions<
  Definitions extends StateDefinition,
  Actions extends ActionDefinitions,
> = StreamDB<Definitions, Actions>
