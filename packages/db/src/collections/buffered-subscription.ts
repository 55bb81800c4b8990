import type { AnyCollection, SubscribeOptions, Subscription } from './create.ts'

type Emitted = Parameters<Subscription['emitEvents']>[0]
type Window = Parameters<Subscription['requestLimitedSnapshot']>[0]

/**
 * Holds back what a subscription is told while `isHolding`; `release` tells it all of that at once.
 *
 * A live query that reads by an index, so many rows in order, is told of just these: it fetches others when it needs
 * them, as one does that is made later. TanStack would put every row into its window by itself, which for 40k rows
 * takes longer than all else (bench, window-load: the floor does so).
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

  /** Tells what was held back. */
  release(): void {
    this.#tell(this.#take())
  }

  /** Tells what was held back, but for rows that came and went: those of a load that was given up. */
  drop(): void {
    const changes = this.#take()
    const came = new Set<unknown>()
    const gone = new Map<unknown, number>()
    changes.forEach(({ type, key }, index) => {
      if (type === 'insert') came.add(key)
      else if (type === 'delete' && came.has(key)) gone.set(key, index)
    })
    this.#tell(changes.filter(({ key }, index) => index > (gone.get(key) ?? -1)))
  }

  #take(): Emitted {
    const changes = this.#held.flat()
    this.#held = []
    // Then it has lost its rows, and tells so itself.
    return this.#collection.status === 'cleaned-up' ? [] : changes
  }

  #tell(changes: Emitted): void {
    if (changes.length > 0) this.#emit(this.#wanted(changes))
  }

  #wanted(changes: Emitted): Emitted {
    if (this.#window === undefined) return changes
    const { orderBy, limit } = this.#window
    const { whereExpression: where } = this.#options
    const first = this.#collection.currentStateAsChanges({ ...(where && { where }), orderBy, limit })
    const keys = new Set<unknown>(first?.map(({ key }) => key))
    // What is no insert may be about a row that it knows already, such as one of a pending write.
    return changes.filter(({ type, key }) => type !== 'insert' || keys.has(key))
  }
}
