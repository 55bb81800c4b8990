import { nextStatus } from './status.ts'
import type { Status, StatusEvent } from './status.ts'
import { subscribe } from '../subscribe.ts'

/** Holds the status of a database, and tells who wants to know. */
export class StatusStore {
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Set<(status: Status) => void>()
  #status: Status = { name: 'idle' }

  /** `onError` is given what a listener throws. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get current(): Status {
    return this.#status
  }

  /** Calls `listener` after every change of status; returns what ends it. */
  subscribe(listener: (status: Status) => void): () => void {
    return subscribe(this.#listeners, listener)
  }

  /** Takes an event in; says whether the status changed. */
  update(event: StatusEvent): boolean {
    const next = nextStatus(this.#status, event)
    if (next === this.#status) return false
    this.#status = next
    for (const listener of [...this.#listeners]) {
      // A listener may have changed the status again; the next round says so.
      if (this.#status !== next) break
      try {
        listener(next)
      } catch (error) {
        this.#onError(error)
      }
    }
    if (next.name === 'closed') this.#listeners.clear()
    return true
  }
}
