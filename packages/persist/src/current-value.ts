import { Listeners } from '@streamdb/log'

/** Returns what follows a value: the same object where nothing changes. */
export type Next<Value> = (before: Value, given: Value) => Value

/** Holds a value that changes, and notifies subscribers. */
export class CurrentValue<Value> {
  readonly #listeners: Listeners
  readonly #next: Next<Value>
  #value: Value

  /** `next` decides what of a given value is taken; `report` is told what a listener throws. */
  constructor(value: Value, next: Next<Value>, report: (error: unknown) => void) {
    this.#value = value
    this.#next = next
    this.#listeners = new Listeners(report)
  }

  readonly get = (): Value => this.#value

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  set(given: Value): void {
    const next = this.#next(this.#value, given)
    if (next === this.#value) return
    this.#value = next
    this.#listeners.notify()
  }
}
