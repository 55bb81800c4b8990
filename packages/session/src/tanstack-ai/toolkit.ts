import type { ModelMessage, RunAgentResumeItem, StreamChunk, UIMessage } from '@tanstack/ai/client'
import type { Interrupt } from './interrupts.ts'

// The types of `@tanstack/ai-client`, as far as a connection has to do with them: that package is not one of ours, as each
// framework's package brings its own.

/** What the toolkit's client says of what it sends. */
export interface RunContext {
  readonly threadId: string
  readonly runId: string
  readonly parentRunId?: string
  /** Answers to pauses. */
  readonly resume?: readonly RunAgentResumeItem[]
  /** The tools that the client can run. */
  readonly clientTools?: readonly {
    readonly name: string
    readonly description: string
    readonly parameters: unknown
  }[]
  /** What the application gives for the agent. */
  readonly forwardedProps?: Record<string, unknown>
  readonly headers?: Record<string, string>
}

/** Which messages are asked for: the last `limit`, of those before `before` where it is given. */
export interface HydrateOptions {
  readonly limit?: number
  readonly before?: string
}

/** Messages of a session, and what goes on in it. */
export interface Hydration {
  messages: UIMessage[]
  activeRun: { runId: string } | null
  interrupts: { runId: string; pending: Interrupt[] } | null
  page: { truncated: false } | { truncated: true; cursor: string }
}

/** A connection for the toolkit's clients: a `SubscribeConnectionAdapter` of theirs. */
export interface SessionConnection {
  /** The branch that the client shows: another one after `reload` and after an edit. */
  readonly branch: string
  /** Yields what happens in the session, from all messages on, until `signal` aborts. */
  subscribe(signal?: AbortSignal): AsyncIterable<StreamChunk>
  /** Writes what the client has: new messages, answers to pauses, results of client tools. An abort cancels the run. */
  send(
    messages: UIMessage[] | ModelMessage[],
    data?: Record<string, unknown>,
    signal?: AbortSignal,
    runContext?: RunContext,
  ): Promise<void>
  /** Yields a run from its beginning to its end. An abort cancels the run. Rejects with `not-found`. */
  joinRun(runId: string, signal?: AbortSignal): AsyncIterable<StreamChunk>
  /** Returns messages, the run that is going on, and what it waits for. */
  hydrate(threadId: string, options?: HydrateOptions): Promise<Hydration>
  /** Shows another branch from now on. */
  switchTo(branch: string): void
  /** Cancels the runs that are going on in the branch, whoever has begun them. Rejects as `session.cancel` does. */
  stop(): Promise<void>
  /** Says that nobody looks: an abort that comes with it cancels nothing. */
  detach(): void
}
