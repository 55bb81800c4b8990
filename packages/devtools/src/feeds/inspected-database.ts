import type { StreamDB } from '@streamdb/db'

type AnyDatabase = StreamDB<Record<never, never>>

/** What the inspector uses of a database: any one that `createStreamDB` returns. */
export interface InspectedDatabase extends Pick<
  AnyDatabase,
  'observe' | 'offset' | 'outbox' | 'pendingWrites' | 'status' | 'storage' | 'stream' | 'transact'
> {
  /** Its definitions, by the collections' names. */
  readonly state: object
  /** Its TanStack DB collections, by name. */
  readonly collections: object
}

/** What the inspector uses of a TanStack DB collection. */
export interface InspectedCollection {
  readonly id: string
  readonly size: number
  readonly status: string
  readonly subscriberCount: number
  has(key: string): boolean
  insert(row: object): unknown
  update(key: string, change: (draft: Record<string, unknown>) => void): unknown
  delete(key: string): unknown
}

/** A collection of a database, with its name and the type of its events. */
export interface NamedCollection {
  readonly name: string
  readonly type: string
  readonly primaryKey: string
  readonly collection: InspectedCollection
}

/** Returns the collections of a database, in the order of their definitions. */
export function collectionsOf({ state, collections }: InspectedDatabase): readonly NamedCollection[] {
  // What `createStateSchema` returned, and what `createStreamDB` made of it.
  const definitions = Object.entries(state) as [
    string,
    { readonly type: string; readonly primaryKey: string },
  ][]
  const byName = collections as Readonly<Record<string, InspectedCollection | undefined>>
  return definitions.flatMap(([name, { type, primaryKey }]) => {
    const collection = byName[name]
    return collection === undefined ? [] : [{ name, type, primaryKey, collection }]
  })
}
