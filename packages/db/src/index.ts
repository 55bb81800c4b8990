export type { ActionDefinition, ActionDefinitions, ActionMap } from './actions.ts'
export type { CollectionMap, KeyOf, NewRowOf, RowOf, StreamCollection } from './collections.ts'
export type { Conflict, ConflictHandler } from './conflicts.ts'
export { StreamDBError } from './errors.ts'
export type { StreamDBErrorCode } from './errors.ts'
export { dehydrate } from './hydration.ts'
export type { DehydratedStream, DehydrationSource } from './hydration.ts'
export type { History, HistoryStep, SkippedRow } from './history.ts'
export type { InvalidEvent, IssueSummary } from './issues.ts'
export { assertOneTanStackDB } from './one-copy.ts'
export type {
  ActionContext,
  AwaitOptions,
  ConflictHandlers,
  CreateStreamDBOptions,
  InvalidPolicy,
  StreamBatch,
  StreamDBUtils,
} from './options.ts'
export type { ReaderTimes } from './backoff.ts'
export type { Progress, Status } from './status.ts'
export { createStreamDB } from './stream-db.ts'
export type { StreamDB } from './stream-db.ts'
export type { Write, WriteContext, WriteState } from './writes.ts'

// What is written for the published layer imports all of this from one place.
export {
  createStateSchema,
  decodeStateEvent,
  isChangeEvent,
  isControlEvent,
  MaterializedState,
  StateError,
} from '@streamdb/state'
export type {
  ChangeEvent,
  ChangeHeaders,
  CollectionDefinition,
  CollectionWithHelpers,
  ControlEvent,
  EventHelpers,
  InferInput,
  InferOutput,
  Operation,
  StateDefinition,
  StateEvent,
  StateSchema,
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
