import { createCollection, type Collection, type CollectionConfig, type SyncConfig } from '@tanstack/db'

export interface Row {
  readonly id: string
  name?: string
  userId?: string
}

type SyncParams = Parameters<SyncConfig<Row, string>['sync']>[0]
export type Change =
  { readonly type: 'put'; readonly row: Row } | { readonly type: 'delete'; readonly key: string }

/** A collection, and the hand that writes into it as a sync does. */
export interface Source {
  readonly collection: Collection<Row, string>
  /** TanStack's own sync parameters; the receipt of a commit may be left alone. */
  readonly sync: Omit<SyncParams, 'commit'> & { readonly commit: () => unknown }
  /** Every call of a subscriber, as lines like `update 1 Ada`. */
  readonly published: string[][]
  /** Writes the changes in one sync transaction; returns TanStack's receipt, `true` when they are visible. */
  readonly commit: (...changes: Change[]) => unknown
}

export interface SourceOptions extends Partial<
  Omit<CollectionConfig<Row, string, never>, 'sync' | 'schema' | 'id'>
> {
  readonly rowUpdateMode?: 'full' | 'partial' | undefined
  /** Whether it is ready from the beginning: yes unless told. */
  readonly ready?: boolean | undefined
}

let sources = 0

/** Creates a started collection with rows `{ id, name, userId }` that lets a test play its sync. */
export function createSource(name: string, options: SourceOptions = {}): Source {
  const { rowUpdateMode = 'full', ready = true, ...config } = options
  let sync: SyncParams | undefined
  const collection = createCollection<Row, string>({
    id: `${name}-${++sources}`,
    getKey: (row) => row.id,
    gcTime: 0,
    ...config,
    startSync: true,
    sync: {
      rowUpdateMode,
      sync(params) {
        sync = params
        if (ready) params.markReady()
      },
    },
  })
  if (sync === undefined) throw new Error('The collection did not start its sync at once')
  const params = sync
  const published: string[][] = []
  collection.subscribeChanges((changes) => {
    published.push(changes.map(({ type, key, value }) => `${type} ${key} ${value.name ?? '-'}`))
  })

  return {
    collection,
    sync: params,
    published,
    commit(...changes) {
      params.begin()
      for (const change of changes) {
        if (change.type === 'delete') params.write({ type: 'delete', key: change.key })
        else params.write({ type: 'update', value: change.row })
      }
      return params.commit()
    },
  }
}

export function put(id: string, fields: Omit<Row, 'id'> = {}): Change {
  return { type: 'put', row: { id, ...fields } }
}

export function remove(key: string): Change {
  return { type: 'delete', key }
}

/** Lists what a collection shows, without TanStack's own `$` fields. */
export function rowsOf(collection: Pick<Collection<Row, string>, 'toArray'>): Row[] {
  return collection.toArray.map(plain)
}

/** Copies a row without TanStack's own `$` fields. */
export function plain(row: Row): Row {
  // Only fields whose names begin with `$` are left out, and a Row has none.
  return Object.fromEntries(Object.entries(row).filter(([field]) => !field.startsWith('$'))) as unknown as Row
}
