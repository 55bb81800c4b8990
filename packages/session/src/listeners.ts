/** Those who want to hear of a change. All are called; then the first error is thrown, in a task of its own. */
export class Listeners {
  readonly #runs = new Set<{ readonly run: () => void }>()

  get size(): number {
    return this.#runs.size
  }

  readonly subscribe = (run: () => void): (() => void) => {
    // One function that subscribes twice is two subscriptions.
    const listener = { run }
    this.#runs.add(listener)
    return () => void this.#runs.delete(listener)
  }

  notify(): void {
    for (const { run } of [...this.#runs]) {
      try {
        run()
      } catch (error) {
        // An application's listener: the session goes on, and the runtime reports it.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  clear(): void {
    this.#runs.clear()
  }
}
