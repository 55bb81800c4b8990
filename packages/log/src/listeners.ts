/** A list of listeners, each with one entry per subscription. */
export class Listeners<Value = void> {
  readonly #onThrown: (error: unknown) => void
  readonly #listeners = new Set<{ readonly run: (value: Value) => void }>()

  /** `onThrown` gets errors of listeners; by default each is thrown in its own task, and the runtime reports it. */
  constructor(onThrown: (error: unknown) => void = throwLater) {
    this.#onThrown = onThrown
  }

  get size(): number {
    return this.#listeners.size
  }

  /** Calls `run` every time; returns what ends that. Bound. */
  readonly subscribe = (run: (value: Value) => void): (() => void) => {
    // One function that subscribes twice is two subscriptions.
    const listener = { run }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Calls every listener, until `isCurrent` returns false because there is newer information; an error of one does not stop the
   * others.
   */
  notify(value: Value, isCurrent: () => boolean = () => true): void {
    for (const { run } of [...this.#listeners]) {
      if (!isCurrent()) return
      try {
        run(value)
      } catch (error) {
        this.#onThrown(error)
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
