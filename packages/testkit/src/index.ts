export { batchHandler } from './batch-handler.ts'
export type { BatchHandlerOptions } from './batch-handler.ts'
export { canonical } from './canonical.ts'
export { describeChangeTarget } from './conformance/change-target.ts'
export type { CreateTarget, TargetUnderTest } from './conformance/change-target.ts'
export { describeBatchSource } from './conformance/batch-source.ts'
export type { CreateSource, SourceUnderTest } from './conformance/batch-source.ts'
export { describeStreamStore } from './conformance/stream-store.ts'
export type { CreateStore } from './conformance/stream-store.ts'
export { describeWriteTransport } from './conformance/write-transport.ts'
export type { CreateTransport, TransportUnderTest } from './conformance/write-transport.ts'
export { cuts, offsetAt, redeliveries, stamp } from './deliveries.ts'
export type { Delivery } from './deliveries.ts'
export { fetchWithout } from './fetch-without.ts'
export { createFencedLog } from './fenced-log.ts'
export type { FencedLog } from './fenced-log.ts'
export { garbage } from './garbage.ts'
export { gate } from './gate.ts'
export { logOf } from './log-of.ts'
export { changeEvents, logs } from './logs.ts'
export type { LogOptions } from './logs.ts'
export { createManualLog } from './manual-log.ts'
export type { Fate, ManualLog } from './manual-log.ts'
export { MapTarget } from './map-target.ts'
export { isCapable, needs } from './needs.ts'
export type { Need } from './needs.ts'
export { oracle } from './oracle.ts'
export type { OracleState } from './oracle.ts'
export { pausedPosts } from './paused-posts.ts'
export { rereads } from './rereads.ts'
export { runProgram } from './run-program.ts'
export type { ScriptedPage, ScriptedReply, ScriptedSse, StreamPosition } from './scripted-reply.ts'
export { startCachingServer } from './caching-server.ts'
export { startScriptedServer } from './scripted-server.ts'
export type { ScriptedHandler, ScriptedRequest, ScriptedServer } from './scripted-server.ts'
export { sharedData } from './shared-data.ts'
export { streamServerOption } from './stream-server-option.ts'
export { unhandledRejections } from './unhandled-rejections.ts'
export { hostileNames, values } from './values.ts'
export type { ValueOptions } from './values.ts'
// What applications have for their tests, too.
export { eventually, itemsOf, startFaultProxy, startStreamServer } from '@streamdb/testing'
export type {
  CreateStreamOptions,
  CutBy,
  EventuallyOptions,
  Fault,
  FaultProxy,
  FaultRule,
  ProxiedRequest,
  StreamServer,
  StreamServerOptions,
} from '@streamdb/testing'
