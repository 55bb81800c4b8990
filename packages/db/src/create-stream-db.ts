import type { StateDefinition } from '@streamdb/state'
import { registerDatabase } from './collections/source-databases.ts'
import { Database } from './database.ts'
import { omitVirtualFields } from './options/state-definitions.ts'
import type { CreateStreamDBOptions } from './options/types.ts'
import { explainFailures } from './query-failure.ts'
import { delayOfRepeated, watchCreated } from './repeated-creation.ts'
import type { StreamDB } from './stream-db.ts'
import type { ActionDefinitions } from './writes/actions.ts'

/**
 * Turns a Durable Stream into a reactive database: one typed TanStack DB collection for every event type.
 *
 * Nothing is requested before `preload()`, or before somebody reads a collection. Throws `invalid-options`.
 *
 * @example
 * ```ts
 * const db = createStreamDB({ streamOptions: { url }, state })
 * await db.preload()
 * db.collections.messages.toArray
 * ```
 */
export function createStreamDB<
  const Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
>(options: CreateStreamDBOptions<Definitions, Actions>): StreamDB<Definitions, Actions> {
  const delay = delayOfRepeated(options)
  const db = new Database(delay > 0 ? { ...options, startOnRead: false } : options)
  // Rows of these collections carry TanStack's fields from now on.
  omitVirtualFields(options.state)
  registerDatabase(db)
  explainFailures(db)
  watchCreated(db, options, delay)
  return db
}
