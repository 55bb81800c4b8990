import type { Changes } from '@streamdb/state'
import type { AnyCollection, SubscribeOptions, Subscription } from './create.ts'
import { commit, commitInSlices, createPublisher } from './apply.ts'
import type { Publish, Sink, SyncLife } from './apply.ts'
import { HeldSubscription } from './buffered-subscription.ts'
import type { Pace } from '@streamdb/log'

/** From how many rows on a commit takes longer than a frame. */
const worthSlices = 1000

/** How far the first load has come into the collections. */
type Load =
  /** No row was ever put. */
  | { readonly name: 'empty' }
  /** It is put by slices; nothing of it is published. `isIn`: nothing of it is left to be put. */
  | { readonly name: 'slicing'; readonly steps: Generator<undefined, void>; readonly isIn: boolean }
  | { readonly name: 'shown' }

/** The collections of one database, seen from the log: where rows go in, all together. */
export class Sinks {
  readonly #onError: (error: unknown) => void
  readonly #publish: Publish = createPublisher()
  readonly #sinks = new Map<string, Sink>()
  readonly #lives = new Map<string, SyncLife>()
  readonly #held = new Set<HeldSubscription>()
  #load: Load = { name: 'empty' }

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
    this.takeNoSlices()
    this.#guard(() => commit(changes, this.#sinks, this.#publish))
  }

  /** Makes the first load be shown at once. */
  takeNoSlices(): void {
    this.#load = { name: 'shown' }
    this.#held.clear()
  }

  /** Holds back what a subscription is told of the first load, until that is all in. */
  hold(collection: AnyCollection, subscription: Subscription, options: SubscribeOptions): void {
    if (this.#load.name === 'shown') return
    const isHolding = (): boolean => this.#load.name === 'slicing'
    const held = new HeldSubscription(collection, subscription, { options, isHolding })
    this.#held.add(held)
    subscription.on('unsubscribed', () => this.#held.delete(held))
  }

  /** Whether changes are worth to be committed by slices, and may be: none of them replaces a row. */
  takesSlices({ rows }: Changes): boolean {
    let count = 0
    for (const each of rows.values()) count += each.size
    return this.#load.name === 'empty' && count > worthSlices
  }

  /**
   * Commits changes by and by, so that the event loop turns meanwhile, and then publishes them as one; resolves with
   * whether they are: they may have been dropped.
   *
   * What is in before is not all, and not to be seen: whoever looks has the rest committed first, by `finish`.
   */
  async commitInSlices(changes: Changes, pace: Pace): Promise<boolean> {
    const steps = commitInSlices(changes, this.#sinks)
    this.#load = { name: 'slicing', steps, isIn: false }
    while (!this.#isIn(steps)) {
      this.#step(steps)
      await pace.breathe()
    }
    if (this.#load.name !== 'slicing' || this.#load.steps !== steps) return false
    const held = [...this.#held]
    this.takeNoSlices()
    this.#tell(held.map((each) => () => each.release()))
    return true
  }

  /** Commits at once what is left of a commit by slices. */
  finish(): void {
    if (this.#load.name !== 'slicing') return
    const { steps } = this.#load
    while (!this.#isIn(steps)) this.#step(steps)
  }

  /** Gives up a commit by slices that is not published: nothing of it stays. */
  drop(): void {
    if (this.#load.name !== 'slicing') return
    for (const sink of this.#sinks.values()) {
      this.#guard(() => {
        sink.begin()
        sink.truncate({ markReady: false })
        void sink.commit()
      })
    }
    this.#load = { name: 'empty' }
    this.#tell([...this.#held].map((each) => () => each.drop()))
  }

  /** Whether there is nothing more to be done of a commit by slices; so it is too when it was dropped. */
  #isIn(steps: Generator<undefined, void>): boolean {
    return this.#load.name !== 'slicing' || this.#load.steps !== steps || this.#load.isIn
  }

  #step(steps: Generator<undefined, void>): void {
    let isIn = true
    // Meanwhile nobody can ask for the next step.
    this.#load = { name: 'slicing', steps, isIn }
    this.#guard(() => (isIn = steps.next().done === true))
    this.#load = { name: 'slicing', steps, isIn }
  }

  /** Tells subscriptions what they were not told, as one publication. */
  #tell(runs: readonly (() => void)[]): void {
    if (runs.length === 0) return
    this.#guard(() => this.#publish(() => runs.forEach((run) => this.#guard(run))))
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
