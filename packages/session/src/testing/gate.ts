import { deferred } from '@streamdb/log'

/** A place in a script at which the model waits until a test lets it go on: no clock is needed. */
export interface Gate {
  readonly isOpen: boolean
  /** Resolves when a model first arrives here. */
  readonly reached: Promise<void>
  /** Lets whoever waits, and whoever comes later, go on. */
  open(): void
  /** Resolves when the gate is open, or when `signal` aborts. */
  pass(signal?: AbortSignal): Promise<void>
}

/** Returns a gate that is closed. */
export function gate(): Gate {
  const arrived = deferred()
  const opened = deferred()
  let isOpen = false
  return {
    get isOpen() {
      return isOpen
    },
    reached: arrived.promise,
    open() {
      isOpen = true
      opened.resolve()
    },
    async pass(signal) {
      arrived.resolve()
      if (isOpen || signal?.aborted === true) return
      const left = deferred()
      signal?.addEventListener('abort', () => left.resolve(), { once: true })
      await Promise.race([opened.promise, left.promise])
    },
  }
}
