'use client'

import { failureOf, noteShownQuery } from '@streamdb/db'
import type { NotableCollection, StreamDBError } from '@streamdb/db'
import { useLiveQuery as useTanStackQuery } from '@tanstack/react-db'
import type {
  Collection,
  CollectionStatus,
  ConditionalUseLiveQueryConfig,
  Context,
  GetResult,
  InferResultType,
  InitialQueryBuilder,
  LiveQueryCollectionConfig,
  LiveQueryPersistedStatus,
  NonSingleResult,
  QueryBuilder,
  SingleResult,
  UseLiveQueryConfig,
  UseLiveQueryStatus,
  UtilsRecord,
} from '@tanstack/react-db'

/** TanStack's `useLiveQuery`, with the error of the database. */
export interface UseLiveQuery {
  <Selected extends Context>(
    query: (q: InitialQueryBuilder) => QueryBuilder<Selected>,
    deps?: unknown[],
  ): LiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Selected extends Context>(
    query: (q: InitialQueryBuilder) => QueryBuilder<Selected> | undefined | null,
    deps?: unknown[],
  ): ConditionalLiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Selected extends Context>(
    query: (q: InitialQueryBuilder) => LiveQueryCollectionConfig<Selected> | undefined | null,
    deps?: unknown[],
  ): ConditionalLiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Row extends object, Key extends string | number, Utils extends UtilsRecord>(
    query: (q: InitialQueryBuilder) => Collection<Row, Key, Utils> | undefined | null,
    deps?: unknown[],
  ): ConditionalLiveQueryResult<Map<Key, Row>, Row[], Collection<Row, Key, Utils>>
  <Selected extends Context, Row extends object, Key extends string | number, Utils extends UtilsRecord>(
    query: (
      q: InitialQueryBuilder,
    ) =>
      | QueryBuilder<Selected>
      | LiveQueryCollectionConfig<Selected>
      | Collection<Row, Key, Utils>
      | undefined
      | null,
    deps?: unknown[],
  ): ConditionalLiveQueryResult<
    QueryState<Selected> | Map<Key, Row>,
    InferResultType<Selected> | Row[],
    QueryCollection<Selected> | Collection<Row, Key, Utils>
  >
  <Selected extends Context>(
    config: UseLiveQueryConfig<Selected>,
  ): LiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Selected extends Context>(
    config: ConditionalUseLiveQueryConfig<Selected>,
  ): ConditionalLiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Selected extends Context>(
    config: LiveQueryCollectionConfig<Selected>,
    deps?: unknown[],
  ): LiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Selected extends Context>(
    config: ConditionalUseLiveQueryConfig<Selected>,
    deps: unknown[],
  ): ConditionalLiveQueryResult<QueryState<Selected>, InferResultType<Selected>, QueryCollection<Selected>>
  <Row extends object, Key extends string | number, Utils extends UtilsRecord>(
    collection: Collection<Row, Key, Utils> & NonSingleResult,
  ): LiveQueryResult<Map<Key, Row>, Row[], Collection<Row, Key, Utils>>
  <Row extends object, Key extends string | number, Utils extends UtilsRecord>(
    collection: Collection<Row, Key, Utils> & SingleResult,
  ): LiveQueryResult<Map<Key, Row>, Row | undefined, Collection<Row, Key, Utils> & SingleResult>
}

/** What `useLiveQuery` returns for a query that is always enabled. */
export interface LiveQueryResult<State, Data, Source> extends LiveQueryFlags {
  state: State
  data: Data
  collection: Source
  status: CollectionStatus
  isEnabled: true
}

/** What `useLiveQuery` returns for a query that may be disabled: it has no rows then. */
export interface ConditionalLiveQueryResult<State, Data, Source> extends LiveQueryFlags {
  state: State | undefined
  data: Data | undefined
  collection: Source | undefined
  status: UseLiveQueryStatus
  isEnabled: boolean
}

/** How a live query fares. */
export interface LiveQueryFlags {
  isLoading: boolean
  isReady: boolean
  persistedStatus: LiveQueryPersistedStatus
  isPersistedReady: boolean
  persistedError: unknown
  isIdle: boolean
  isError: boolean
  isCleanedUp: boolean
  /** The error of the database that the query reads. `undefined` if the query has no error, or an error of its own. */
  error?: StreamDBError | undefined
}

type QueryState<Selected extends Context> = Map<string | number, GetResult<Selected>>
// oxlint-disable-next-line typescript/no-empty-object-type -- as TanStack has it
type QueryCollection<Selected extends Context> = Collection<GetResult<Selected>, string | number, {}>

/**
 * TanStack's `useLiveQuery`. When it is in error because the database failed, or was closed, `error` says why: the
 * database's own error, with its `code`.
 *
 * @example
 * ```tsx
 * const { data, isLoading, error } = useLiveQuery({ query: (q) => q.from({ message: db.collections.messages }) })
 * ```
 */
export const useLiveQuery: UseLiveQuery = ((...args: Parameters<typeof useTanStackQuery>) => {
  const result: LiveQueryFlags & { readonly collection?: NotableCollection | undefined } = useTanStackQuery(
    ...args,
  )
  noteShownQuery(result.collection)
  return result.isError ? withError(result, args[0]) : result
}) as UseLiveQuery // its overloads

/** The results that were given an error: the same object for the same result. */
const failed = new WeakMap<LiveQueryFlags, LiveQueryFlags>()

function withError(result: LiveQueryFlags, query: unknown): LiveQueryFlags {
  const error = failureOf(query)?.error
  const known = failed.get(result)
  if (known && known.error === error) return known
  // TanStack computes some properties when they are read first.
  const next = Object.defineProperties({}, Object.getOwnPropertyDescriptors(result)) as LiveQueryFlags // a copy
  if (error) next.error = error
  failed.set(result, next)
  return next
}
