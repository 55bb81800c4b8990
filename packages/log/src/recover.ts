import type { ReaderTimes } from './backoff.ts'
import { backoff } from './backoff.ts'
import { compareEnd } from './compare-end.ts'
import { StreamDBError } from './errors.ts'
import type { Requests } from './requests.ts'
import { HttpError, isPassing } from './http-error.ts'
import type { LogCursor } from './log-cursor.ts'
import { toReadFailure } from './read-failure.ts'
import { decide } from './retry-policy.ts'
import { withTimeout } from './timeout.ts'

/** What a reader recovers with. */
export interface RecoverOptions {
  readonly requests: Requests
  readonly cursor: LogCursor
  readonly times: ReaderTimes
  readonly onMissing: 'fail' | 'wait' | 'create'
  /** Failed attempts in a row, this one included. */
  readonly attempt: number
  readonly signal: AbortSignal
}

/** How reading goes on after a failure. */
export type Recovery =
  | { readonly type: 'fail'; readonly error: StreamDBError }
  | { readonly type: 'retry-now' }
  | {
      readonly type: 'retry-later'
      readonly report: 'break' | 'refuse'
      readonly ms: number
      readonly error: StreamDBError
    }

/** Applies the policy for an error of reading: restarts, creates the stream, or calls `onError`. */
export async function recover(thrown: unknown, options: RecoverOptions): Promise<Recovery> {
  const { requests, cursor, times, onMissing, attempt, signal } = options
  const { failure, error, retryAfter } = toReadFailure(
    thrown,
    `Reading ${requests.url} at offset ${cursor.position.offset} failed`,
  )
  const asked = await askOnError(thrown, error, options)
  const { restart, refuseSeek, next } = decide(failure, {
    attempt,
    maxRetries: times.maxRetries,
    onMissing,
    isAtStart: cursor.isAtStart,
    hasPartial: cursor.position.partial !== undefined,
    isProven: cursor.isProven,
    isSeeking: cursor.isSeeking,
    verdict: asked.verdict,
  })
  const later = (report: 'break' | 'refuse'): Recovery => {
    return { type: 'retry-later', report, ms: Math.max(retryAfter, backoff(times, attempt)), error }
  }
  if (restart !== undefined) cursor.restart(restart)
  if (refuseSeek === true) cursor.refuseSeek()
  switch (next.type) {
    case 'fail':
      return { type: 'fail', error: asked.error }
    case 'retry':
      return later(next.report)
    case 'check-position': {
      if (!cursor.isProven) cursor.restart('offset-invalid')
      else if (await isReplaced(options)) cursor.restart('stream-replaced')
      return later('break')
    }
    case 'create': {
      const isCreated = await requests.create(signal).then(
        () => true,
        () => false,
      )
      // Not again and again at once, where what was created is not found.
      return isCreated && attempt === 1 ? { type: 'retry-now' } : later('break')
    }
  }
}

/** Calls the application's `onError` for a permanent failure, as the client does. */
async function askOnError(
  thrown: unknown,
  error: StreamDBError,
  { requests, times, signal }: RecoverOptions,
): Promise<{ verdict?: 'retry' | 'stop' | undefined; error: StreamDBError }> {
  if (!(thrown instanceof HttpError) || isPassing(thrown.status)) return { error }
  try {
    return {
      error,
      verdict: await withTimeout(signal, times.connectTimeout, () => requests.askOnError(thrown)),
    }
  } catch (cause) {
    const { code, message, status, body } = error
    return {
      verdict: 'stop',
      error: new StreamDBError(code, `${message} (and onError threw)`, { status, body, cause }),
    }
  }
}

async function isReplaced({ requests, cursor, times, signal }: RecoverOptions): Promise<boolean> {
  return compareEnd(requests, cursor.position.offset, { signal, timeout: times.connectTimeout }).then(
    (end) => end === 'shorter',
    () => false,
  )
}
