import { errorHelp } from '@streamdb/state'

/** What went wrong in a session; branch on this, never on the message. */
export type SessionErrorCode =
  /** The options of `openSession`, or of one of its methods, cannot be used. */
  | 'invalid-options'
  /** The session was closed. */
  | 'closed'
  /** There is no such message, run, approval, tool call, part or attachment in this session. */
  | 'not-found'
  /** Somebody else's decision came first: it counts. `winner` is that decision. */
  | 'already-decided'
  /** The approval, or the question, expired before it was decided. */
  | 'expired'
  /** The run has ended: it cannot be cancelled, steered or answered. */
  | 'run-over'
  /** This process no longer holds the run: another process has taken it over, or its lease ran out. */
  | 'lease-lost'
  /** The run was cancelled by a participant. */
  | 'cancelled'
  /** A newer message took the place of the one that the run answers (`concurrency: 'latest'`). */
  | 'superseded'
  /** The run was tried as often as its retry budget allows. */
  | 'budget-spent'
  /** A handler, a step or a tool threw. */
  | 'handler-failed'
  /** The approval that a tool needs was denied. */
  | 'denied'
  /** What is streamed was written after its end. */
  | 'part-ended'
  /** The stream server has no subscriptions: an agent cannot sleep there. Run it with `session.agent`. */
  | 'subscriptions-unsupported'
  /** The stream server does not fork streams. */
  | 'fork-unsupported'
  /** The stream server refused a request that is not about state events: a fork, an attachment, the presence stream. */
  | 'request-failed'

/** What an error is about, beside its message. */
export interface SessionErrorOptions extends ErrorOptions {
  readonly winner?: unknown
  readonly status?: number | undefined
}

/** Reports that a session could not do what it was asked to. */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly code: SessionErrorCode
  /** Where the documentation says what the code means, why it comes, and what to do. Printed with the stack. */
  readonly help: string
  /** The decision that came first, where the code is `already-decided`. */
  readonly winner?: unknown
  /** The HTTP status, where a server's answer is at fault. */
  readonly status?: number

  constructor(code: SessionErrorCode, message: string, options: SessionErrorOptions = {}) {
    const { winner, status, ...rest } = options
    super(message, rest)
    this.code = code
    this.help = errorHelp(this, `sessionerror-${code}`)
    if (winner !== undefined) this.winner = winner
    if (status !== undefined) this.status = status
  }
}
