import type { AgentRun } from '../agent-run.ts'
import { adapterName } from './chunk.ts'
import { asRecord } from './segment.ts'
import type { RunContext } from './toolkit.ts'

/** What the client has said of the message that a run answers. */
export type RunInput = Partial<Pick<RunContext, 'threadId' | 'runId' | 'clientTools' | 'forwardedProps'>>

/** Returns what the client of TanStack AI has said of the latest message that a run answers; nothing where it was no such client. */
export function runInput(run: Pick<AgentRun, 'triggers'>): RunInput {
  for (const { message } of [...run.triggers].reverse()) {
    const input = asRecord(asRecord(message.metadata)?.[adapterName])
    // Written by the connection.
    if (input !== undefined) return input
  }
  return {}
}
