import type { AgentOptions, AgentRun, Session } from '@streamdb/session'
import type { YjsDocument } from '@streamdb/session/yjs'

/** A session with its shared documents. */
export type OpenedSession = Session<Record<never, never>, YjsDocument>

/** An agent, as its process runs it in every session. */
export interface Agent extends Omit<AgentOptions, 'handle'> {
  readonly name: string
  readonly title: string
  readonly handle: (run: AgentRun, session: OpenedSession) => Promise<void>
}
