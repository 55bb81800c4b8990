import type {
  Collection,
  NonSingleResult,
  StandardSchema as TanStackSchema,
  SyncConfig,
  UtilsRecord,
} from '@tanstack/db'
import type { CollectionDefinition, InferInput, InferOutput, StateDefinition } from '@streamdb/state'

/** The rows of a collection: what its schema returns. */
export type RowOf<Definition extends CollectionDefinition> = Fields<
  InferOutput<Definition['schema']> & object
>

/** What a collection takes: what its schema takes. */
export type NewRowOf<Definition extends CollectionDefinition> = Fields<
  InferInput<Definition['schema']> & object
>

/** The same type, which editors show by its fields and not by how it was computed. */
type Fields<Row> = { [Name in keyof Row]: Row[Name] } & {}

/**
 * How a collection names its rows. The log's keys are text, and so are the collection's; where the primary key is a
 * number, the number is taken as well.
 */
export type KeyOf<Definition extends CollectionDefinition> =
  RowOf<Definition> extends Readonly<Record<Definition['primaryKey'], infer Key>>
    ? number extends Key
      ? string | number
      : string
    : string

/** A TanStack DB collection that is one event type of a stream. Its writes go through to the log. */
export type StreamCollection<Definition extends CollectionDefinition = CollectionDefinition> = Collection<
  RowOf<Definition>,
  KeyOf<Definition>,
  UtilsRecord,
  TanStackSchema<unknown>,
  NewRowOf<Definition>
> &
  NonSingleResult

/** The collections of a database, by name. */
export type CollectionMap<Definitions extends StateDefinition> = {
  readonly [Name in keyof Definitions]: StreamCollection<Definitions[Name]>
}

/** Any collection of a database, where the types of its rows do not matter. */
export type AnyCollection = Collection<object, string, UtilsRecord, TanStackSchema<unknown>, object>

/** A subscription of a collection's changes: a live query's, or a listener's of the application. */
export type Subscription = ReturnType<AnyCollection['subscribeChanges']>

export type SubscribeOptions = NonNullable<Parameters<AnyCollection['subscribeChanges']>[1]>

type SyncParams = Parameters<SyncConfig<object, string>['sync']>[0]

/** Puts rows into one collection: TanStack's sync functions. */
export type CollectionWriter = Pick<SyncParams, 'begin' | 'commit' | 'truncate'> & {
  write(message: { type: 'delete'; key: string } | { type: 'update'; key: string; value: object }): void
}

/** Marks one collection ready or failed: TanStack's sync functions. */
export type CollectionLifecycle = Pick<SyncParams, 'markReady' | 'markError'>
