import type { ChangeHeaders, CollectionDefinition, InferInput, KeyValueDefinition } from '@streamdb/state'
import type { ValueOf } from '../gateway/row-types.ts'
import type { Principal } from '../gateway/principal.ts'

/** A collection of the state, as `createStateSchema` returned it: `state.users`. */
export type ActionCollection = CollectionDefinition & {
  readonly insert: (parts: never) => unknown
}

/** What is written into a collection: a row as its schema takes it; `{ key, value }` of `keyValue`. */
export type ActionRow<Collection extends CollectionDefinition> =
  Collection extends KeyValueDefinition<infer Input>
    ? { readonly key: string; readonly value: Input }
    : InferInput<Collection['schema']>

/** The rows of a stream at an action's position in the log, with the action's own writes. */
export interface ActionRows {
  /** Returns a row, or `undefined`; of `keyValue` its value. */
  get<Collection extends CollectionDefinition>(
    collection: Collection,
    key: string | number,
  ): ValueOf<Collection> | undefined
  /** Returns the headers of the event that wrote a row last, such as its `principal`. */
  headers(collection: CollectionDefinition, key: string | number): ChangeHeaders | undefined
  /** Returns the rows of a collection with their keys, in no particular order. */
  entries<Collection extends CollectionDefinition>(
    collection: Collection,
  ): IterableIterator<[key: string, row: ValueOf<Collection>]>
}

/** What a server action works with. The functions may be taken apart. */
export interface ServerActionContext<Params, User extends Principal = Principal> {
  /** As the action's schema returned them. */
  readonly params: Params
  readonly user: User
  readonly stream: string
  /** The transaction's id, which its caller gave. */
  readonly txid: string
  /** RFC 3339, by the gateway's clock. */
  readonly time: string
  readonly rows: ActionRows
  /** Writes a new row. Refuses, `row-exists`, where there is one of its key. */
  readonly insert: <Collection extends ActionCollection>(
    collection: Collection,
    row: ActionRow<Collection>,
  ) => void
  /**
   * Changes a row: by the given fields, or by the result of a function of the row. Refuses with `row-missing` if there is no
   * row.
   */
  readonly update: <Collection extends ActionCollection>(
    collection: Collection,
    key: string | number,
    changes: Partial<ValueOf<Collection>> | ((row: ValueOf<Collection>) => ValueOf<Collection>),
  ) => void
  /** Writes a row, whether there is one of its key or not. */
  readonly upsert: <Collection extends ActionCollection>(
    collection: Collection,
    row: ActionRow<Collection>,
  ) => void
  /** Deletes a row; does nothing where there is none. */
  readonly delete: (collection: ActionCollection, key: string | number) => void
  /** Refuses the call: nothing is written, and the caller's `write-failed` has this as its `reason`. */
  readonly refuse: (code: string, message: string, path?: string) => never
}
