export type { ActionDefinition, ActionDefinitions, ActionMap } from './writes/actions.ts'
export type { ServerHalf, ServerTransaction } from './writes/server-calls.ts'
export type { CollectionMap, KeyOf, NewRowOf, RowOf, StreamCollection } from './collections/types.ts'
export type { Conflict, ConflictHandler } from './writes/conflicts.ts'
export { acquireCreated, acquireStreamDB, addOptions, followOptions } from './acquire-stream-db.ts'
export { sourcesOf } from './collections/source-databases.ts'
export type { QuerySource, SourceDatabase } from './collections/source-databases.ts'
export { LatestOptions } from './latest-options.ts'
export { exemptCreated } from './repeated-creation.ts'
export { resumeWhenIdle } from './idle-start.ts'
export type { Startable } from './idle-start.ts'
export { failureOf, statusChange } from './query-failure.ts'
export type { QueryFailure } from './query-failure.ts'
export { acquire, idleTimeout, markRead, maxIdle, renewLease } from './sharing.ts'
export type { SharableDatabase, SharedDatabase } from './sharing.ts'
export { StreamDBError } from '@streamdb/log'
export type { CurrentRow, StreamDBErrorCode, WriteRefusal } from '@streamdb/log'
export { dehydrate } from './hydration.ts'
export type { DehydratedStream, DehydrationSource } from './hydration.ts'
export type { Expect, ExpectedRows } from './writes/expectations.ts'
export type { HistoryState } from './writes/history-state.ts'
export type { History, HistoryStep, SkippedRow } from './writes/undo-history.ts'
export type {
  BranchDifference,
  ForkedFrom,
  ForkOptions,
  MergeOptions,
  MergeResult,
  Resolution,
  RowDifferenceOf,
} from './branches/types.ts'
export type { ComparableBranch } from './branches/comparable-branch.ts'
export type { PastPosition } from './past/past-position.ts'
export type { HistoryPoint, HistoryReadOptions, RowDifference } from '@streamdb/log'
export type { OutboxEntry, OutboxState, StreamOutbox } from './writes/stream-outbox.ts'
export type { AppliedChanges, Observer, OpenSnapshot, StreamBatch } from './observe.ts'
export type { Readable } from './readable.ts'
export type { InvalidEvent, InvalidPolicy } from './sync/invalid-event.ts'
export type { LoadOptions } from './options/load.ts'
export type { LoadedOlder } from './sync/older-rows.ts'
export type { OlderState } from './sync/older-state.ts'
export type { IssueSummary } from './sync/issue-store.ts'
export type { PreloadOptions } from './sync/preload.ts'
export type { ChangeTarget } from './collections/change-target.ts'
export { noteShownQuery, shownQueries } from './live-queries.ts'
export type { NotableCollection, ShownQuery } from './live-queries.ts'
export { logRows } from './log-rows.ts'
export { keepInsertionOrder } from './insertion-order.ts'
export type { InsertionOrder, OrderedRow } from './insertion-order.ts'
export { getStreamDBCollectionId } from './collections/ids.ts'
export { assertOneTanStackDB } from './collections/assert-single-tanstack-db.ts'
export type { ActionContext, ConflictHandlers, CreateStreamDBOptions, SyncModes } from './options/types.ts'
export type { SyncMode } from './collections/create.ts'
export type {
  AloneReason,
  DatabaseStorage,
  ReaderTimes,
  StorageStatus,
  StreamStorage,
  TabsStatus,
} from '@streamdb/log'
export type { Progress, Status } from './sync/status.ts'
export type { ActionFactory, StreamDBMethods, StreamDBWithActions } from './published-types.ts'
export { createStreamDB } from './create-stream-db.ts'
export type {
  Branch,
  PastStreamDB,
  StreamDB,
  StreamDBReadables,
  StreamDBUtils,
  TransactionOptions,
} from './stream-db.ts'
export type { AwaitOptions } from './writes/txids.ts'
export type { TxId, WriteContext, WriteResult } from './writes/delivery.ts'
export type { Write, WriteState } from './writes/write.ts'

// What is written for the published layer imports all of this from one place.
export { createStateSchema } from './options/state-definitions.ts'
export {
  decodeStateEvent,
  isChangeEvent,
  isControlEvent,
  keyValue,
  MaterializedState,
  StateError,
} from '@streamdb/state'
export type {
  ChangeEvent,
  ChangeHeaders,
  CollectionDefinition,
  CollectionEventHelpers,
  CollectionWithHelpers,
  ControlEvent,
  EventHelpers,
  InferInput,
  InferOutput,
  KeyValueDefinition,
  KeyValueRow,
  Migrate,
  Operation,
  Row,
  StateDefinition,
  StateEvent,
  StateOptions,
  StateSchema,
  StreamStateDefinition,
  Value,
} from '@streamdb/state'
export {
  and,
  avg,
  coalesce,
  concat,
  count,
  createCollection,
  createLiveQueryCollection,
  createOptimisticAction,
  createTransaction,
  deepEquals,
  eq,
  gt,
  gte,
  ilike,
  inArray,
  isNull,
  isUndefined,
  like,
  localOnlyCollectionOptions,
  lt,
  lte,
  max,
  min,
  not,
  or,
  queryOnce,
  sum,
  toArray,
} from '@tanstack/db'
export type { Collection, SyncConfig, Transaction } from '@tanstack/db'
