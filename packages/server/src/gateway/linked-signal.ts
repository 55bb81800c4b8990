/** A signal that aborts with others, and after a time. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Whether it aborted as the time was over. */
  readonly isLate: () => boolean
  /** Ends the time. */
  readonly endTimeout: () => void
  /** Ends all of it: the others no longer hold it. */
  readonly release: () => void
}

/**
 * Returns a signal that aborts with any of `from`, and after `timeout` milliseconds. To be released.
 *
 * Not `AbortSignal.any`: a signal that lives as long as the server would keep something of every request.
 */
export function linkSignal(from: readonly AbortSignal[], timeout: number): LinkedSignal {
  const own = new AbortController()
  let isLate = false
  const abort = (): void => own.abort()
  const timer = setTimeout(() => {
    isLate = true
    abort()
  }, timeout)
  const leave = from.map((signal) => join(signal, abort))
  return {
    signal: own.signal,
    isLate: () => isLate,
    endTimeout: () => clearTimeout(timer),
    release() {
      clearTimeout(timer)
      for (const each of leave) each()
    },
  }
}

const joined = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `run` when a signal aborts. One listener for all: Node warns of more than ten on one signal. */
function join(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) run()
  const all = joined.get(signal) ?? new Set()
  if (!joined.has(signal)) {
    joined.set(signal, all)
    signal.addEventListener('abort', () => {
      for (const each of all) each()
    })
  }
  all.add(run)
  return () => void all.delete(run)
}
