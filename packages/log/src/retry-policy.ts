import type { RestartReason } from './batch-source.ts'
import { codeOf, isPassing } from './http-error.ts'

/** Why reading failed, as far as it matters for what to do about it. */
export type Failure =
  /** The server answered with a status that is no success. */
  | { readonly type: 'status'; readonly status: number }
  /** The server was not reached, broke off, or answered what is no answer: it may pass. */
  | { readonly type: 'unreachable' }
  /** The server answered with an offset before the position. */
  | { readonly type: 'went-back' }
  /** It does not pass: an answer without sense, misuse, or an error of the application. */
  | { readonly type: 'final' }

/** Where the reader stood when it failed. */
export interface FailureContext {
  /** Failed attempts in a row, this one included. */
  readonly attempt: number
  readonly maxRetries: number
  readonly onMissing: 'fail' | 'wait' | 'create'
  /** The position is the log's beginning. */
  readonly isAtStart: boolean
  /** A response was taken in in part. */
  readonly hasPartial: boolean
  /** The server has answered at this position before; otherwise the offset was given, and may be invalid. */
  readonly isProven: boolean
  /** The position is an offset that a `reset` named, and the server has not answered for it. */
  readonly isSeeking: boolean
  /** What the application's `onError` said: `retry` and `stop` count for what would not pass by itself. */
  readonly verdict?: 'retry' | 'stop' | undefined
}

/** What to do about a failure. */
export interface Decision {
  /** Restart from the beginning, for this reason. */
  readonly restart?: RestartReason | undefined
  /** The offset that a `reset` named is invalid: return to the reset's batch. */
  readonly refuseSeek?: boolean | undefined
  readonly next:
    /** Wait, then try again; `refuse` where the credentials are at fault. */
    | { readonly type: 'retry'; readonly report: 'break' | 'refuse' }
    /** Create the stream, then try again. */
    | { readonly type: 'create' }
    /** Ask where the log ends: the offset may lie behind it. */
    | { readonly type: 'check-position' }
    | { readonly type: 'fail' }
}

/** Decides what to do about a failure. */
export function decide(failure: Failure, context: FailureContext): Decision {
  const { isAtStart, hasPartial, isProven, isSeeking, onMissing, verdict } = context
  const retry = (report: 'break' | 'refuse', restart?: RestartReason): Decision =>
    context.attempt > context.maxRetries
      ? { restart, next: { type: 'fail' } }
      : { restart, next: { type: 'retry', report } }
  const checkPosition = (): Decision => {
    const decision = retry('break')
    return decision.next.type === 'fail' ? decision : { next: { type: 'check-position' } }
  }
  switch (failure.type) {
    case 'unreachable':
      return retry('break')
    case 'final':
      return { next: { type: 'fail' } }
    case 'went-back':
      if (isSeeking) return { ...retry('break'), refuseSeek: true }
      return checkPosition()
    case 'status': {
      const { status } = failure
      if (isPassing(status)) return retry('break')
      if (verdict === 'stop') return { next: { type: 'fail' } }
      if (codeOf(status) === 'unauthorized') return retry('refuse')
      if (isSeeking) return { ...retry('break'), refuseSeek: true }
      // Retention removed the offset: restart from the beginning (SPEC F-net-5), also of a partly ingested response.
      if (status === 410) {
        if (!isAtStart) return retry('break', 'stream-gone')
        return verdict === 'retry'
          ? retry('break')
          : { restart: hasPartial ? 'stream-gone' : undefined, next: { type: 'fail' } }
      }
      if (status === 404) {
        const isWaited = onMissing !== 'fail' || verdict === 'retry'
        const restart = (isWaited && !isAtStart) || hasPartial ? 'stream-gone' : undefined
        if (!isWaited || context.attempt > context.maxRetries) return { restart, next: { type: 'fail' } }
        return onMissing === 'create' ? { restart, next: { type: 'create' } } : retry('break', restart)
      }
      if (!isAtStart && (status === 416 || (status === 400 && !isProven))) return checkPosition()
      return verdict === 'retry' ? retry('break') : { next: { type: 'fail' } }
    }
  }
}
