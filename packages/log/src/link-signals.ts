/** A signal that follows others, until it is unlinked from them. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Removes every reference that the others hold to it. It does not abort any more. */
  readonly unlink: () => void
}

/**
 * Returns a signal that aborts with the first of `sources` that aborts, with the same reason; a source may be `undefined`.
 * The caller calls `unlink` when the work is over; `withLinkedSignal` does so by itself.
 *
 * Not `AbortSignal.any`: in Node 20 a source keeps 58 bytes for each signal that was ever derived from it, for as long as the
 * source lives, such as that of a database or a server; and browsers have it only since 2024.
 */
export function linkSignals(sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const linked = new AbortController()
  const unlinks: (() => void)[] = []
  for (const source of sources) {
    if (source !== undefined) unlinks.push(whenAborted(source, () => linked.abort(source.reason)))
  }
  return {
    signal: linked.signal,
    unlink: () => {
      for (const each of unlinks.splice(0)) each()
    },
  }
}

/**
 * Runs `work` with a signal that aborts with the first of `sources` that aborts, and unlinks it when `work` has settled.
 * Returns what `work` returns, and throws what it throws.
 */
export async function withLinkedSignal<Result>(
  sources: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { signal, unlink } = linkSignals(sources)
  try {
    return await work(signal)
  } finally {
    unlink()
  }
}

/** What runs when a signal aborts, by one listener for all: Node warns of more than ten. */
interface AbortCallbacks {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

const known = new WeakMap<AbortSignal, AbortCallbacks>()

/** Calls `run` when a signal aborts, or at once if it is aborted. Returns a function that removes the listener. */
function whenAborted(source: AbortSignal, run: () => void): () => void {
  if (source.aborted) {
    run()
    return () => undefined
  }
  const { callbacks, listener } = known.get(source) ?? listen(source)
  callbacks.add(run)
  return () => {
    callbacks.delete(run)
    if (callbacks.size > 0) return
    source.removeEventListener('abort', listener)
    known.delete(source)
  }
}

function listen(source: AbortSignal): AbortCallbacks {
  const callbacks = new Set<() => void>()
  const listener = (): void => {
    for (const each of callbacks) each()
  }
  source.addEventListener('abort', listener)
  const added = { callbacks, listener }
  known.set(source, added)
  return added
}
