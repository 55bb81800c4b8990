import { StreamDBError } from './errors.ts'
import type { StreamDBErrorCode } from './errors.ts'
import { codeOf, ConnectionError, HttpError, isPassing } from './http-error.ts'
import type { Failure } from './retry-policy.ts'

/** What a sink threw: the application's, or a batch that it does not take. */
export class SinkError extends Error {
  override readonly name = 'SinkError'

  constructor(cause: unknown) {
    super('The sink of a reader threw', { cause })
  }
}

/** A response whose offset lies before the requested position. */
export class WentBackError extends Error {
  override readonly name = 'WentBackError'

  constructor(offset: string) {
    super(`the server answered with offset ${offset}, which lies before it`)
  }
}

/** What reading threw, as the policy and as people need it. */
export interface ReadFailure {
  readonly failure: Failure
  readonly error: StreamDBError
  /** The pause that the server asked for, in milliseconds. */
  readonly retryAfter: number
}

/** Sorts out what reading threw; `what`: how the message of an error begins. */
export function toReadFailure(thrown: unknown, what: string): ReadFailure {
  if (thrown instanceof HttpError) {
    const { status, message, body, retryAfter = 0 } = thrown
    const code = isPassing(status) ? 'unreachable' : (codeOf(status) ?? 'stream-failed')
    const error = new StreamDBError(code, `${what}: ${message}`, { cause: thrown, status, body })
    return { failure: { type: 'status', status }, error, retryAfter }
  }
  if (thrown instanceof WentBackError) {
    return of({ type: 'went-back' }, 'unreachable', `${what}: ${thrown.message}`, thrown)
  }
  if (thrown instanceof ConnectionError) {
    return of({ type: 'unreachable' }, 'unreachable', `${what}: ${thrown.message}`, thrown.cause)
  }
  // An application's mistake, or ours: reading on would only meet it again.
  const cause = thrown instanceof SinkError ? thrown.cause : thrown
  if (cause instanceof StreamDBError) {
    const type = cause.code === 'unreachable' && cause === thrown ? 'unreachable' : 'final'
    return { failure: { type }, error: cause, retryAfter: 0 }
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return of({ type: 'final' }, 'stream-failed', `${what}: ${why}`, cause)
}

function of(failure: Failure, code: StreamDBErrorCode, message: string, cause: unknown): ReadFailure {
  return { failure, error: new StreamDBError(code, message, { cause }), retryAfter: 0 }
}
