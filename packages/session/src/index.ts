export { SessionError } from './errors.ts'
export type { SessionErrorCode, SessionErrorOptions } from './errors.ts'
export { createSessionState, sessionState } from './session-state.ts'
export type { SessionCollection, SessionDefinitions, SessionState } from './session-state.ts'
export type {
  Agent,
  Approval,
  ApprovalStatus,
  Attachment,
  Branch,
  Decision,
  Delta,
  DeltaInput,
  DocumentRow,
  Json,
  Message,
  NewPart,
  Part,
  Participant,
  PartKind,
  PartState,
  QueueItem,
  Role,
  Run,
  RunStatus,
  Step,
  ToolState,
  Verdict,
} from './rows.ts'
export { sessionSnapshots } from './session-snapshots.ts'
export type { SessionSnapshots } from './session-snapshots.ts'
export { openSession } from './open-session.ts'
export { Session } from './session.ts'
export type { Named } from './session.ts'
export type { OrderedType } from './log-order.ts'
export type { Me, SessionOptions } from './session-options.ts'
export type { Profile, SendOptions } from './composer.ts'
export type { DecisionOptions } from './decisions.ts'
export type { Content } from './new-parts.ts'
export type { Sending } from './writing.ts'
export type { MessageView } from './thread.ts'
export type { SessionView, ViewOptions } from './view.ts'
export { mainBranch } from './branches.ts'
export type { AlternativesOptions } from './alternatives.ts'
export { toModelMessages } from './model-messages.ts'
export type { ModelContent, ModelMessage, ModelToolResult } from './model-messages.ts'
export type { Presence } from './presence.ts'
export type { PresenceOptions } from './presence-options.ts'
export type { PresentDevice } from './presence-rows.ts'
export type { Redact, WrittenRow } from './redaction.ts'
export type { SearchHit } from './search.ts'
export type { AgentOptions, AgentTrigger, Concurrency } from './agent-options.ts'
export type { AgentRun } from './agent-run.ts'
export type { AgentWorker } from './agent-worker.ts'
export type { DeltaTimes } from './delta-writer.ts'
export type { NewPartRow, PartFields, StreamingKind, TextSource, TextWriter } from './run-output.ts'
export type { Answer, Question } from './run-questions.ts'
export type { ToolCall } from './run-tools.ts'
export type { Attachments, AttachmentSource, DownloadOptions, UploadOptions } from './attachments.ts'
export type {
  DocumentContext,
  DocumentOptions,
  DocumentPlace,
  DocumentPlugin,
  OpenDocument,
} from './documents.ts'
export type { ForkOptions } from './fork.ts'
export { openDirectory } from './directory.ts'
export type { Directory, DirectoryEntry, DirectoryOptions, NewSession } from './directory.ts'
export { directoryState } from './directory-state.ts'
export type { DirectoryDefinitions, ListedSession, ReadMark } from './directory-state.ts'
export { createAgentHost } from './pull-wake/agent-host.ts'
export type { AgentHost, AgentHostOptions } from './pull-wake/agent-host.ts'
export { createWakeHandler, subscribeWebhook } from './pull-wake/wake-handler.ts'
export type { WakeHandlerOptions, WebhookOptions } from './pull-wake/wake-handler.ts'
export type { SleepingAgent } from './pull-wake/serve-wake.ts'
