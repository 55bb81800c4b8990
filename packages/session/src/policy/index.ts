export { sessionPolicy } from './session-policy.ts'
export type {
  AccessContext,
  OwnRowContext,
  SessionPolicy,
  SessionPolicyOptions,
  StreamContext,
} from './session-policy.ts'
export type { ApprovalContext } from './decision-rule.ts'
export type {
  PolicyRows,
  SessionDecision,
  SessionRefusal,
  SessionRefusalCode,
  SessionRole,
  WriteContext,
} from './decision.ts'
export type { StreamKind, StreamPlace } from './stream-place.ts'
export { presenceDefinitions } from './presence-definitions.ts'
export type { PresenceCollection, PresenceDefinitions, PresenceDevice } from './presence-definitions.ts'
export { createSessionState, sessionState } from '../session-state.ts'
