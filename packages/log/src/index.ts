export type {
  AfterBatch,
  Batch,
  BatchSink,
  BatchSource,
  Checkpoint,
  ConnectionEvent,
  ReadMode,
  RestartReason,
  VerifyReason,
} from './batch-source.ts'
export { defaultTimes } from './backoff.ts'
export type { ReaderTimes } from './backoff.ts'
export { afterShown, onWake } from './connectivity.ts'
export { shareHeaders } from './credentials.ts'
export { deferred } from './deferred.ts'
export type { Deferred } from './deferred.ts'
export { StreamDBError, toStreamDBError } from './errors.ts'
export type { StreamDBErrorCode } from './errors.ts'
export { createHttpSource } from './http-source.ts'
export type { HttpSourceOptions, OnMissing } from './http-source.ts'
export { createHttpTransport } from './http-transport.ts'
export type { HttpTransportOptions } from './http-transport.ts'
export { isBefore, start } from './offsets.ts'
export { Pace } from './scheduler.ts'
export { delay } from './timeout.ts'
export type {
  AppendHandle,
  AppendReceipt,
  AppendRetry,
  OutgoingWrite,
  WriteTransport,
} from './write-transport.ts'
