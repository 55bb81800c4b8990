import type { Reporter } from './report.ts'

/** A value that changes, in the shape that every framework binds to: React's `useSyncExternalStore`, a Vue ref, a signal. */
export interface Readable<Value> {
  /** Returns the value; the same object until it changes. Bound. */
  readonly get: () => Value
  /** Calls `run` after every change; returns what ends that. Bound. */
  readonly subscribe: (run: () => void) => () => void
}

/** Those who want to hear of something, each of them once for every time that it subscribed. */
export class Listeners<Value = void> {
  readonly #reporter: Reporter
  readonly #name: string
  readonly #listeners = new Set<{ readonly run: (value: Value) => void }>()

  /** `name` is what a report calls a listener that throws. */
  constructor(reporter: Reporter, name: string) {
    this.#reporter = reporter
    this.#name = name
  }

  readonly subscribe = (run: (value: Value) => void): (() => void) => {
    // One function that subscribes twice is two subscriptions.
    const listener = { run }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Calls every listener, until `isCurrent` says that the news is old; what one throws is reported and stops nothing. */
  notify(value: Value, isCurrent: () => boolean = () => true): void {
    for (const { run } of [...this.#listeners]) {
      if (!isCurrent()) return
      try {
        run(value)
      } catch (error) {
        this.#reporter.report(error, this.#name)
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
