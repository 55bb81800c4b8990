import type { Changes } from '@streamdb/state'
import { commit, commitInSlices, createPublisher } from './commit.ts'
import type { Publish, Sink } from './commit.ts'
import type { Pace } from './pace.ts'

/** How a collection is told what its data is worth. */
export interface SyncLife {
  markReady(): void
  markError(error: Error): void
}

/** From how many rows on a commit takes longer than a frame. */
const worthSlices = 1000

/** The collections of one database, seen from the log: where rows go in, all together. */
export class Sinks {
  readonly #onError: (error: unknown) => void
  readonly #publish: Publish = createPublisher()
  readonly #sinks = new Map<string, Sink>()
  readonly #lives = new Map<string, SyncLife>()
  // No collection was ever given a row, and nobody was ever told of one.
  #untouched = true
  // What is left of a commit by slices.
  #rest: Generator<undefined, void> | undefined

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

  /** Somebody is told of every change from now on. */
  watch(): void {
    this.#untouched = false
  }

  /** Commits changes to all collections as one publication. */
  commit(changes: Changes): void {
    this.#untouched = false
    this.#guard(() => commit(changes, this.#sinks, this.#publish))
  }

  /** Whether changes are worth to be committed by slices, and may be: nobody is told of rows that are not all there. */
  takesSlices({ rows }: Changes): boolean {
    let count = 0
    for (const each of rows.values()) count += each.size
    return this.#untouched && count > worthSlices
  }

  /**
   * Commits changes by and by, so that the event loop turns meanwhile; resolves with whether all of it is in.
   *
   * What is in is not all, and so not to be seen: whoever looks has the rest committed first, by `finish`.
   */
  async commitInSlices(changes: Changes, pace: Pace): Promise<boolean> {
    const steps = commitInSlices(changes, this.#sinks)
    this.#rest = steps
    while (this.#rest === steps) {
      if (this.#step(steps)) return true
      await pace.breathe()
    }
    // By whoever looked; or dropped.
    return !this.#untouched
  }

  /** Commits at once what is left of a commit by slices. */
  finish(): void {
    const steps = this.#rest
    if (steps === undefined) return
    while (!this.#step(steps));
  }

  /** Gives up a commit by slices: nothing of it stays. */
  drop(): void {
    if (this.#rest === undefined) return
    this.#rest = undefined
    for (const sink of this.#sinks.values()) {
      sink.begin()
      sink.truncate({ markReady: false })
      void sink.commit()
    }
  }

  /** Does one step; says whether it was the last. */
  #step(steps: Generator<undefined, void>): boolean {
    // Meanwhile nobody can ask for the next.
    this.#rest = undefined
    let done = true
    this.#guard(() => (done = steps.next().done === true))
    if (done) this.#untouched = false
    else this.#rest = steps
    return done
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
