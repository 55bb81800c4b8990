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
export { useReadable } from './use-readable.ts'
export { useStreamDB } from './use-stream-db.ts'
export { useStreamStatus } from './use-stream-status.ts'
export type { StatusSource } from './use-stream-status.ts'

// The rest is passed on, so that an application imports from here alone: StreamDB ...
export {
  createStateSchema,
  createStreamDB,
  decodeStateEvent,
  dehydrate,
  getStreamDBCollectionId,
  isChangeEvent,
  isControlEvent,
  keepInsertionOrder,
  keyValue,
  logRows,
  MaterializedState,
  StateError,
  StreamDBError,
} from '@streamdb/db'
export type {
  ActionContext,
  ActionDefinition,
  ActionFactory,
  ActionMap,
  ChangeEvent,
  ChangeHeaders,
  CollectionDefinition,
  CollectionEventHelpers,
  CollectionMap,
  CollectionWithHelpers,
  Conflict,
  ControlEvent,
  DatabaseStorage,
  CreateStreamDBOptions,
  DehydratedStream,
  DehydrationSource,
  Expect,
  ExpectedRows,
  History,
  HistoryPoint,
  HistoryStep,
  InferInput,
  InferOutput,
  InsertionOrder,
  InvalidEvent,
  IssueSummary,
  KeyOf,
  KeyValueDefinition,
  KeyValueRow,
  Migrate,
  NewRowOf,
  Operation,
  PastPosition,
  PastStreamDB,
  OutboxEntry,
  OutboxState,
  Progress,
  Row,
  RowOf,
  StateDefinition,
  StateEvent,
  StateOptions,
  StateSchema,
  Status,
  StorageStatus,
  StreamBatch,
  StreamCollection,
  StreamDB,
  StreamDBErrorCode,
  StreamDBMethods,
  StreamDBUtils,
  StreamDBWithActions,
  StreamOutbox,
  StreamStateDefinition,
  StreamStorage,
  TabsStatus,
  Value,
  Write,
  WriteContext,
  WriteRefusal,
  WriteState,
  SyncMode,
  SyncModes,
  TransactionOptions,
} from '@streamdb/db'

// ... and all of TanStack DB, its hooks and its queries. Not name by name: code that follows TanStack's documentation
// finds here whatever it imports, types too. What this package exports itself (`useLiveSuspenseQuery`) goes before it.
export * from '@tanstack/react-db'
