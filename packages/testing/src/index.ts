export { eventBuilders, reset, snapshot, transaction } from './event-builders.ts'
export type { EventBuilder, EventBuilders, RowDefaults } from './event-builders.ts'
export { eventually } from './eventually.ts'
export type { EventuallyOptions } from './eventually.ts'
export { expectAllowed, expectDenied } from './expect-policy.ts'
export type {
  Denial,
  ExpectedDenial,
  PolicyAttempt,
  ReadAttempt,
  StreamAttempt,
  TestedPolicy,
  WriteAttempt,
} from './policy.ts'
export { fakeTime } from './fake-time.ts'
export type { FakeTime, FakeTimers, FakeTimersConfig, KeptClock, ReplacedClock } from './fake-time.ts'
export type { CutBy, Fault, FaultRule, ProxiedRequest } from './fault.ts'
export { startFaultProxy } from './fault-proxy.ts'
export type { FaultProxy } from './fault-proxy.ts'
export type { Faults, StatusRule } from './faults.ts'
export type { ScriptedFault } from './scripted-faults.ts'
export { itemsOf } from './items-of.ts'
export { scriptedStream } from './scripted-stream.ts'
export type { ScriptedRequest, ScriptedStream, ScriptStep } from './scripted-stream.ts'
export type { ScriptedWrite } from './scripted-writes.ts'
export { startStreamServer } from './stream-server.ts'
export type { StreamServerOptions } from './server-process.ts'
export type { CreateStreamOptions, StreamServer } from './stream-server.ts'
export { startTestServer } from './test-server.ts'
export type { CreateOptions, TestServer } from './test-server.ts'
export { settled, waitForLive, waitForRow, waitForTxid } from './wait-for.ts'
export type { WaitedCollection, WaitedDB } from './wait-for.ts'
export type { WaitOptions } from './waiting.ts'
