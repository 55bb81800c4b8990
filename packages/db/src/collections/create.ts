import { createCollection } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'
import { keyOf } from '@streamdb/state'
import type { CollectionDefinition, StateDefinition } from '@streamdb/state'
import { ComparisonIndex } from './comparison-index.ts'
import { trackEventKeys } from './event-keys.ts'
import { overlayIncrementally } from './incremental-overlay.ts'
import { LoadedRows } from './on-demand/loaded-rows.ts'
import { registerLoadedRows } from './all-rows.ts'
import { commitBeforePublishing } from './publication.ts'
import { interceptReads } from './read-barrier.ts'
import { collectionSchema } from './schema-errors.ts'
import { interceptSubscriptions } from './subscriptions.ts'
import type { AnyCollection, CollectionWriter } from './types.ts'
import { writeThrough } from './write-through.ts'
import type { WriteThroughContext } from './write-through.ts'

/** Reads the log for the collections: the database's sync session. */
export interface CollectionReading {
  /**
   * Called when a collection is read for the first time: its sync begins. `lostRows`: the application has cleaned the collection
   * up, and only the log has its rows. Throws if the database can no longer read.
   */
  onCollectionStart(lostRows: boolean): void
}

/** What the collections of a database work with. */
export interface CollectionContext extends WriteThroughContext {
  readonly reading: CollectionReading
  /** Returns the id of the collection of a name. */
  readonly idOf: (name: string) => string
  /** Returns how the collection of a name is loaded; eager by default. */
  readonly syncModeOf?: ((name: string) => SyncMode) | undefined
  /** Aborts when the database closes: nothing runs any more. */
  readonly signal?: AbortSignal | undefined
}

/**
 * How the rows of a collection come into TanStack DB: `'eager'` all at once, `'on-demand'` when a live query needs them.
 */
export type SyncMode = 'eager' | 'on-demand'

/** Creates one collection a definition, by name. None of them reads yet. */
export function createCollections(
  definitions: StateDefinition,
  context: CollectionContext,
): Map<string, AnyCollection> {
  const collections = new Map<string, AnyCollection>()
  for (const [name, definition] of Object.entries(definitions)) {
    const collection = createOne(name, definition, context)
    writeThrough(collection, name, context)
    interceptSubscriptions(collection, name, context)
    interceptReads(collection, context.writers)
    overlayIncrementally(collection)
    collections.set(name, collection)
  }
  return collections
}

function createOne(
  name: string,
  definition: CollectionDefinition,
  { idOf, writers, reading, signal, syncModeOf = () => 'eager' }: CollectionContext,
): AnyCollection {
  const { type, primaryKey, key } = definition
  const syncMode = syncModeOf(name)
  const loadedRows = syncMode === 'on-demand' ? new LoadedRows(primaryKey, writers, signal) : undefined
  const collection: AnyCollection = createCollection({
    id: idOf(name),
    schema: collectionSchema(definition),
    getKey: (row: object) => {
      const key = keyOf(row, primaryKey)
      if (key !== undefined) return key
      const value: unknown = Reflect.get(row, primaryKey)
      const received =
        typeof value === 'string'
          ? '""'
          : value === null || value === undefined
            ? String(value)
            : typeof value
      throw new StreamDBError(
        'invalid-write',
        `A row of "${name}" has no primary key: expected a non-empty string or a number in its field ` +
          `"${primaryKey}" but received ${received}`,
      )
    },
    // The log is read once, for all collections: rows that were dropped for want of readers would not come again.
    gcTime: 0,
    autoIndex: 'eager',
    defaultIndexType: ComparisonIndex,
    syncMode,
    sync: {
      rowUpdateMode: 'full',
      sync: ({ begin, write, commit, truncate, markReady, markError }) => {
        // The writers are only ever given rows that validateRow returned.
        const put = write as CollectionWriter['write']
        const writer = {
          begin,
          write: put,
          commit: loadedRows === undefined ? commit : () => commitBeforePublishing(collection, commit),
          truncate,
        }
        const lifecycle = { markReady, markError }
        reading.onCollectionStart(writers.add(type, { collection, writer, lifecycle, loadedRows }))
        if (loadedRows === undefined) return
        return {
          cleanup: () => loadedRows.stop(),
          loadSubset: (options) => loadedRows.load(options),
          unloadSubset: (options) => loadedRows.unload(options),
        }
      },
    },
  })
  if (loadedRows !== undefined) registerLoadedRows(collection, loadedRows)
  if (key === 'value') trackEventKeys(collection, primaryKey)
  return collection
}
