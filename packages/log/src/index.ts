export type {
  AfterBatch,
  Batch,
  BatchSink,
  BatchSource,
  Checkpoint,
  ConnectionEvent,
  ReadMode,
  RestartReason,
  StoredOrigin,
  VerifyReason,
} from './batch-source.ts'
export type { NewestRows, OlderRows, ReadOlderOptions } from './older-rows.ts'
export { backoff, defaultTimes } from './backoff.ts'
export type { ReaderTimes } from './backoff.ts'
export { afterShown, onWake } from './connectivity.ts'
export { shareHeaders } from './credentials.ts'
export { deferred } from './deferred.ts'
export type { Deferred } from './deferred.ts'
export { StreamDBError, toStreamDBError } from './errors.ts'
export type { StreamDBErrorCode } from './errors.ts'
export type { CurrentRow, WriteRefusal } from './write-refusal.ts'
export { followingAs, followRedirects, refusedRedirectOf } from './follow-redirects.ts'
export type { AllowedOrigin, RedirectOptions } from './redirects.ts'
export { deleteStream, forkStream } from './fork-stream.ts'
export type { ForkStreamOptions } from './fork-stream.ts'
export { createActionSender } from './action-sender.ts'
export type { ActionCall, ActionSender, CallAnswer } from './action-sender.ts'
export { actionContentType, conditionalContentType, isConditional } from './conditional-writes.ts'
export { createHttpSender } from './http-sender.ts'
export type { MessageSender, OutgoingMessage } from './http-sender.ts'
export type { SendControls, SendResult } from './send-with-retry.ts'
export { hedge } from './hedge.ts'
export { UnconfirmedWrites } from './unconfirmed-writes.ts'
export type { DoubtTimes } from './unconfirmed-writes.ts'
export { createHttpSource } from './http-source.ts'
export type { HttpSourceOptions, OnMissing } from './http-source.ts'
export { createHttpTransport } from './http-transport.ts'
export type { HttpTransportOptions } from './http-transport.ts'
export { isBefore, start } from './offsets.ts'
export { Scheduler, turn } from './scheduler.ts'
export { delay } from './timeout.ts'
export type { NewWrite, Outbox, OutboxHandle, WriteCarrier } from './outbox.ts'
export { fromStoredError, toStoredError } from './stored-error.ts'
export type {
  OutboxChange,
  OutboxStore,
  ProducerSequence,
  StoredError,
  StoredWrite,
  StoredWriteState,
} from './stored-write.ts'
export type {
  AppendHandle,
  AppendReceipt,
  AppendRetry,
  OutgoingWrite,
  WriteTransport,
} from './write-transport.ts'
export { linkSignals, withLinkedSignal } from './link-signals.ts'
export type { LinkedSignal } from './link-signals.ts'
export { Listeners } from './listeners.ts'
export type { HistoryOptions } from './history/open-history.ts'
export type {
  HistoryBase,
  HistoryPoint,
  HistoryReadOptions,
  PastState,
  PastTransaction,
  RowDifference,
  RowMove,
  StreamHistory,
} from './history/types.ts'
export { materialize } from './materialize.ts'
export type { Materialized, MaterializeOptions } from './materialize.ts'
export { readState } from './read-state.ts'
export type { ReadStateOptions, StateRead } from './read-state.ts'
export { createRecordedLog } from './recorded-log.ts'
export type { RecordedLog } from './recorded-log.ts'
export { isIncarnation, pageIdOf } from './stream-id.ts'
export { createStreamIdentifier } from './stream-identifier.ts'
export type {
  DatabaseStorage,
  Recorder,
  StorageConnection,
  StorageContext,
  StorageStatus,
  StreamIdentifier,
  StreamStorage,
} from './stream-storage.ts'
export type {
  OpenStore,
  StoreCommit,
  StoredChange,
  StoredContent,
  StoredHead,
  StoredRow,
  StoredSize,
  StreamIdentity,
  StreamStore,
} from './stream-store.ts'
export { mayPass } from './may-pass.ts'
export {
  fewUrl,
  hashItems,
  indexTypes,
  mostTxids,
  snapshotFormat,
  snapshotIndexUrl,
  textOf,
} from './snapshots/format.ts'
export type {
  ForkedFrom,
  SnapshotEntry,
  SnapshotOverlap,
  SnapshotFew,
  SnapshotPage,
  UnfinishedSnapshot,
} from './snapshots/format.ts'
export { createIndexFinder } from './snapshots/snapshot-finder.ts'
export type { IndexFinderOptions, SnapshotFinder } from './snapshots/snapshot-finder.ts'
export { foldIndex, readIndex } from './snapshots/snapshot-index.ts'
export type { IndexRow, SnapshotIndex } from './snapshots/snapshot-index.ts'
export { readSnapshotPage, snapshotStart, UnusableSnapshot } from './snapshots/read-snapshot.ts'
export type { ReadSnapshotOptions, SnapshotProgress } from './snapshots/read-snapshot.ts'
export { createSnapshotRequests } from './snapshots/snapshot-requests.ts'
export type { RequestsOn, SnapshotRequestsOptions } from './snapshots/snapshot-requests.ts'
export { createSnapshotSource, resolveIndexUrl } from './snapshots/snapshot-source.ts'
export type { SnapshotOptions, SnapshotSourceOptions } from './snapshots/snapshot-source.ts'
export { openStream } from './stream-options.ts'
export type { OpenedStream } from './stream-options.ts'
export { decodeItem, TooLargeItem } from './too-large-item.ts'
export { withParams } from './credentials.ts'
export { describeUrl, resolveUrl } from './describe-url.ts'
export { randomId } from './random-id.ts'
export type { AloneReason, TabsStatus } from './tabs-status.ts'
