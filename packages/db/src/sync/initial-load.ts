import { deferred } from '@streamdb/log'
import type { Deferred } from '@streamdb/log'

/** The promise of the first load: one at a time, and a new one after a failure. */
export class FirstLoad {
  #attempt: Deferred | undefined
  #outcome: 'none' | 'loaded' | 'failed' = 'none'

  /** Whether everything was shown once. */
  get loaded(): boolean {
    return this.#outcome === 'loaded'
  }

  /** Whether reading failed, and has not recovered yet. */
  get failed(): boolean {
    return this.#outcome === 'failed'
  }

  /** Returns the attempt under way, or begins one. */
  attempt(): Promise<void> {
    // `void db.preload()` is a way to call it; its failure is in the status as well.
    this.#attempt ??= deferred()
    return this.#attempt.promise
  }

  succeed(): void {
    this.#outcome = 'loaded'
    this.#attempt?.resolve()
  }

  /** Rejects the attempt under way; the next call begins a new one. */
  fail(error: Error): void {
    this.#outcome = 'failed'
    this.#attempt?.reject(error)
    this.#attempt = undefined
  }
}
