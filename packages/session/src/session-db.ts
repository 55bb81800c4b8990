import type { StreamDB } from '@streamdb/db'
import type { SessionDefinitions } from './session-state.ts'

/** The database of a session, whatever collections an application has added. */
export type SessionDB = StreamDB<SessionDefinitions>
