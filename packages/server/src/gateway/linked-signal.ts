import { linkSignals } from '@streamdb/log'

/** A signal that aborts with others, and after a time. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Whether the time is over. */
  readonly isLate: () => boolean
  /** Ends the time. */
  readonly endTimeout: () => void
  /** Ends all of it: the others no longer hold it. */
  readonly release: () => void
}

/** Returns a signal that aborts with any of `from`, and after `timeout` milliseconds. To be released. */
export function linkSignal(from: readonly AbortSignal[], timeout: number): LinkedSignal {
  const late = new AbortController()
  const linked = linkSignals([...from, late.signal])
  const timer = setTimeout(() => late.abort(), timeout)
  return {
    signal: linked.signal,
    isLate: () => late.signal.aborted,
    endTimeout: () => clearTimeout(timer),
    release() {
      clearTimeout(timer)
      linked.unlink()
    },
  }
}
