import type { Readable } from '@streamdb/db'
import { Listeners } from '@streamdb/log'

/** A value that changes, and tells. */
export class Cell<Value> implements Readable<Value> {
  readonly #listeners = new Listeners()
  #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  readonly get = (): Value => this.#value
  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  set(value: Value): void {
    this.#value = value
    this.#listeners.notify()
  }
}
