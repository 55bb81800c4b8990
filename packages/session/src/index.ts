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
