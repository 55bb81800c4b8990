export { createStreamDBContext } from './stream-db-context.ts'
export type { StreamDBContextHooks } from './stream-db-context.ts'
export { StreamDBProvider } from './stream-db-provider.ts'
export type { AnyStreamDB, StreamDBProviderProps } from './stream-db-provider.ts'
export { useAction } from './use-action.ts'
export type { ActionCalls } from './use-action.ts'
export { useConnectionLost } from './use-connection-lost.ts'
export type { ConnectionSource } from './use-connection-lost.ts'
export { useLiveQuery } from './use-live-query.ts'
export type {
  ConditionalLiveQueryResult,
  LiveQueryFlags,
  LiveQueryResult,
  UseLiveQuery,
} from './use-live-query.ts'
export { useLiveSuspenseQuery } from './use-live-suspense-query.ts'
export { usePendingWrites } from './use-pending-writes.ts'
export type { WriteSource } from './use-pending-writes.ts'
export { useStreamDB } from './use-stream-db.ts'
export { useStreamStatus } from './use-stream-status.ts'
export type { StatusSource } from './use-stream-status.ts'

// The rest is passed on, so that an application imports from here alone: StreamDB ...
export {
  createStateSchema,
  createStreamDB,
  decodeStateEvent,
  dehydrate,
  isChangeEvent,
  isControlEvent,
  MaterializedState,
  StateError,
  StreamDBError,
} from '@streamdb/db'
export type {
  ActionContext,
  ActionDefinition,
  ActionMap,
  ChangeEvent,
  CollectionDefinition,
  CollectionMap,
  Conflict,
  ControlEvent,
  CreateStreamDBOptions,
  DehydratedStream,
  DehydrationSource,
  History,
  HistoryStep,
  InferInput,
  InferOutput,
  InvalidEvent,
  IssueSummary,
  KeyOf,
  NewRowOf,
  Operation,
  Progress,
  RowOf,
  StateDefinition,
  StateEvent,
  StateSchema,
  Status,
  StreamBatch,
  StreamCollection,
  StreamDB,
  StreamDBErrorCode,
  Write,
  WriteContext,
  WriteState,
} from '@streamdb/db'

// ... TanStack DB's hooks ...
export {
  DbProvider,
  HydrationBoundary,
  useDbClient,
  useLiveInfiniteQuery,
  useLiveQueryEffect,
  useOptionalDbClient,
  usePacedMutations,
} from '@tanstack/react-db'

// ... and its queries.
export {
  add,
  and,
  avg,
  BasicIndex,
  BTreeIndex,
  caseWhen,
  coalesce,
  concat,
  count,
  createCollection,
  createLiveQueryCollection,
  createOptimisticAction,
  createTransaction,
  DbClient,
  debounceStrategy,
  deepEquals,
  divide,
  eq,
  gt,
  gte,
  ilike,
  inArray,
  isNull,
  isUndefined,
  length,
  like,
  liveQueryCollectionOptions,
  localOnlyCollectionOptions,
  lower,
  lt,
  lte,
  materialize,
  max,
  min,
  multiply,
  not,
  or,
  Query,
  queryOnce,
  queueStrategy,
  safeRandomUUID,
  subtract,
  sum,
  throttleStrategy,
  toArray,
  upper,
} from '@tanstack/react-db'
export type {
  ChangeMessage,
  Collection,
  Context,
  GetResult,
  InferCollectionType,
  InferResultType,
  InitialQueryBuilder,
  LiveQueryCollectionConfig,
  QueryBuilder,
  Ref,
  Transaction,
  WithVirtualProps,
} from '@tanstack/react-db'
