/** How long `eventually` tries. */
export interface EventuallyOptions {
  /** How long to go on trying, in milliseconds: 5000 unless told. */
  readonly timeout?: number | undefined
  /** Stops the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

// Taken when the module loads, so that a test's fake clock does not stop the polling.
const { setTimeout: realSetTimeout } = globalThis
const realNow = performance.now.bind(performance)

/**
 * Resolves with what `assertion` returns as soon as it stops throwing; rejects with its last error at the timeout.
 *
 * Each try is a macrotask of its own, so that everything already queued has run before it. The pauses grow from 0
 * to 10 ms: a test that passes is not slowed, and a test that waits does not hold a core.
 */
export async function eventually<Value>(
  assertion: () => Value | Promise<Value>,
  options: EventuallyOptions = {},
): Promise<Value> {
  const deadline = realNow() + (options.timeout ?? 5_000)
  for (let pause = 0; ; pause = Math.min(pause + 1, 10)) {
    options.signal?.throwIfAborted()
    try {
      return await assertion()
    } catch (error) {
      if (realNow() >= deadline) throw error
    }
    await new Promise<void>((resolve) => realSetTimeout(resolve, pause))
  }
}
