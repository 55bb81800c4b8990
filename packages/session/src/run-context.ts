import type { DeltaTimes } from './delta-writer.ts'
import type { HeldRun } from './held-run.ts'
import type { SessionParts } from './session-parts.ts'

/** What a run works with. */
export interface AgentRunContext {
  readonly session: SessionParts
  readonly held: HeldRun
  readonly deltas?: DeltaTimes | undefined
  /** Aborts when the run is to end: cancelled, superseded, stopped, or taken over by another process. */
  readonly signal: AbortSignal
  /** Gives the run to another process. */
  readonly handOver: () => Promise<void>
}
