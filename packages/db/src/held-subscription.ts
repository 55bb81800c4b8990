import type { AnyCollection, SubscribeOptions, Subscription } from './collections.ts'

type Emitted = Parameters<Subscription['emitEvents']>[0]
type Window = Parameters<Subscription['requestLimitedSnapshot']>[0]

/**
 * Holds back what a subscription is told while `isHolding`; `release` tells it all of that at once.
 *
 * A live query that reads by an index, so many rows in order, is told of just these: it fetches others when it needs
 * them, as one does that is made later. TanStack would put every row into its window by itself, which for 40k rows
 * takes five times as long as loading them (bench, window-load).
 */
export class HeldSubscription {
  readonly #collection: AnyCollection
  readonly #options: SubscribeOptions
  readonly #emit: Subscription['emitEvents']
  #window: Window | undefined
  #held: Emitted[] = []

  constructor(
    collection: AnyCollection,
    subscription: Subscription,
    { options, isHolding }: { readonly options: SubscribeOptions; readonly isHolding: () => boolean },
  ) {
    this.#collection = collection
    this.#options = options
    this.#emit = subscription.emitEvents.bind(subscription)
    const request = subscription.requestLimitedSnapshot.bind(subscription)
    // A method of its own each, as these are called on it by its collection and by its query.
    Object.assign(subscription, {
      emitEvents: (changes: Emitted): boolean => {
        if (!isHolding()) return this.#emit(changes)
        this.#held.push(changes)
        return true
      },
      requestLimitedSnapshot: (window: Window): void => {
        this.#window ??= window
        request(window)
      },
    } satisfies Partial<Subscription>)
  }

  release(): void {
    const changes = this.#held.flat()
    this.#held = []
    if (changes.length > 0) this.#emit(this.#wanted(changes))
  }

  #wanted(changes: Emitted): Emitted {
    if (this.#window === undefined) return changes
    const { orderBy, limit } = this.#window
    const { whereExpression: where } = this.#options
    const first = this.#collection.currentStateAsChanges({ ...(where && { where }), orderBy, limit })
    const keys = new Set<unknown>(first?.map(({ key }) => key))
    // What is no insert is about a row that it knows.
    return changes.filter(({ type, key }) => type !== 'insert' || keys.has(key))
  }
}
