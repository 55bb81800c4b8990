/** Returns what follows a value: the same object where nothing changes. */
export type Next<Value> = (before: Value, given: Value) => Value

/** Holds a value that changes, and notifies whoever subscribed. */
export class CurrentValue<Value> {
  readonly #listeners = new Set<{ readonly run: () => void }>()
  readonly #next: Next<Value>
  readonly #report: (error: unknown) => void
  #value: Value

  /** `next` decides what of a given value is taken; `report` is told what a listener throws. */
  constructor(value: Value, next: Next<Value>, report: (error: unknown) => void) {
    this.#value = value
    this.#next = next
    this.#report = report
  }

  readonly get = (): Value => this.#value

  readonly subscribe = (run: () => void): (() => void) => {
    // One function that subscribes twice is two subscriptions.
    const listener = { run }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  set(given: Value): void {
    const next = this.#next(this.#value, given)
    if (next === this.#value) return
    this.#value = next
    for (const { run } of [...this.#listeners]) {
      try {
        run()
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
