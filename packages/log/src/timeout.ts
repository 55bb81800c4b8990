import { deferred } from './deferred.ts'
import { StreamDBError } from './errors.ts'

/** The most that a timer can count: a longer one would fire at once. */
const longest = 2 ** 31 - 1

/** Resolves after `ms`, when `signal` aborts, or when `interrupted` does; its timer is gone then. */
export function delay(ms: number, signal: AbortSignal, interrupted?: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(ms, longest))
    signal.addEventListener('abort', done)
    void interrupted?.then(done)
  })
}

/**
 * Runs `work` with a signal that aborts with `signal`, or when `work` has not called `resetTimer` for too long.
 *
 * `resetTimer(timeout)` restarts the clock; `Infinity` stops it. The error of a clock that ran out is `unreachable`.
 */
export async function withTimeout<Result>(
  signal: AbortSignal,
  timeout: number,
  work: (signal: AbortSignal, resetTimer: (timeout: number) => void) => Promise<Result>,
): Promise<Result> {
  const attempt = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = deferred()
  const resetTimer = (ms: number): void => {
    clearTimeout(timer)
    if (attempt.signal.aborted || ms === Infinity) return
    timer = setTimeout(
      () => {
        const error = new StreamDBError('unreachable', `The server was silent for ${ms} ms`)
        over.reject(error)
        attempt.abort(error)
      },
      Math.min(ms, longest),
    )
  }
  const onAbort = (): void => {
    // `work` may be waiting for something that ignores the signal, such as a token.
    over.reject(signal.reason)
    attempt.abort(signal.reason)
  }
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort)
  resetTimer(timeout)
  try {
    return await Promise.race([work(attempt.signal, resetTimer), over.promise as Promise<never>]) // it only rejects
  } catch (error) {
    // Ends what is left of the work, such as an unread body.
    attempt.abort(error)
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
