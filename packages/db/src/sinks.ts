import type { Changes } from '@streamdb/state'
import type { AnyCollection, SubscribeOptions, Subscription } from './collections.ts'
import { commit, commitInSlices, createPublisher } from './commit.ts'
import type { Publish, Sink } from './commit.ts'
import { HeldSubscription } from './held-subscription.ts'
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
  readonly #held = new Set<HeldSubscription>()
  // No collection was ever given a row.
  #untouched = true
  // What is left of a commit by slices.
  #rest: Generator<undefined, void> | undefined
  #isHolding = false

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
    this.#untouched = false
    this.#guard(() => commit(changes, this.#sinks, this.#publish))
  }

  /** Holds back what a subscription is told of the first load, until that is all in. */
  hold(collection: AnyCollection, subscription: Subscription, options: SubscribeOptions): void {
    if (!this.#untouched) return
    const isHolding = (): boolean => this.#isHolding
    const held = new HeldSubscription(collection, subscription, { options, isHolding })
    this.#held.add(held)
    subscription.on('unsubscribed', () => this.#held.delete(held))
  }

  /** Makes the first load be shown at once. */
  takeNoSlices(): void {
    this.#untouched = false
  }

  /** Whether changes are worth to be committed by slices, and may be: none of them replaces a row. */
  takesSlices({ rows }: Changes): boolean {
    let count = 0
    for (const each of rows.values()) count += each.size
    return this.#untouched && count > worthSlices
  }

  /**
   * Commits changes by and by, so that the event loop turns meanwhile, and then publishes them as one; resolves with
   * whether all of it is in.
   *
   * What is in before is not all, and not to be seen: whoever looks has the rest committed first, by `finish`.
   */
  async commitInSlices(changes: Changes, pace: Pace): Promise<boolean> {
    const steps = commitInSlices(changes, this.#sinks)
    this.#rest = steps
    this.#isHolding = true
    while (this.#rest === steps && !this.#step(steps)) await pace.breathe()
    // Unless it was dropped, by the last step: ours, or of whoever looked.
    if (this.#untouched) return false
    this.#release()
    return true
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
    this.#release()
  }

  /** Tells all subscriptions what they were not told, as one publication. */
  #release(): void {
    this.#isHolding = false
    const held = [...this.#held]
    if (!this.#untouched) this.#held.clear()
    if (held.length === 0) return
    this.#guard(() => this.#publish(() => held.forEach((each) => this.#guard(() => each.release()))))
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
