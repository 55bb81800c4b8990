import type { AgentOptions, AgentRun, Session } from '@streamdb/session'

/** An agent, as its process runs it in every session. */
export interface Agent extends Omit<AgentOptions, 'handle'> {
  readonly name: string
  readonly title: string
  readonly handle: (run: AgentRun, session: Session) => Promise<void>
}
