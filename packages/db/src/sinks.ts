import type { Changes } from '@streamdb/state'
import { commit, createPublisher } from './commit.ts'
import type { Publish, Sink } from './commit.ts'

/** How a collection is told what its data is worth. */
export interface SyncLife {
  markReady(): void
  markError(error: Error): void
}

/** The collections of one database, seen from the log: where rows go in, all together. */
export class Sinks {
  readonly #onError: (error: unknown) => void
  readonly #publish: Publish = createPublisher()
  readonly #sinks = new Map<string, Sink>()
  readonly #lives = new Map<string, SyncLife>()

  /** `onError` is given what a listener of the application throws; the rows are in all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Adds the collection of an event type; says whether it is its sync that runs anew, and has lost its rows. */
  add(type: string, sink: Sink, life: SyncLife): boolean {
    const anew = this.#sinks.has(type)
    this.#sinks.set(type, sink)
    this.#lives.set(type, life)
    return anew
  }

  /** Commits changes to all collections as one publication. */
  commit(changes: Changes): void {
    this.#guard(() => commit(changes, this.#sinks, this.#publish))
  }

  /** Everything that the log holds is shown. */
  markReady(): void {
    for (const life of this.#lives.values()) this.#guard(() => life.markReady())
  }

  /** What is shown is no longer kept up: live queries and `collection.preload()` reject with `error`. */
  markError(error: Error): void {
    for (const life of this.#lives.values()) this.#guard(() => life.markError(error))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#onError(error)
    }
  }
}
