import type { AnyCollection, Subscription } from './types.ts'

type Changes = Parameters<Subscription['emitEvents']>[0]

/**
 * Buffers the changes for a subscription while rows are applied in chunks; `release` emits all of them at once.
 *
 * TanStack's own deferral (`_deferPublication`) is no help here: it would tell a subscription that is made between two
 * chunks of all rows, those too that it has read already. Contract: contract/subscription.test.ts. Upstream: none is
 * planned. Where `emitEvents` is no longer called on the subscription, every chunk is a publication of its own.
 */
export class BufferedSubscription {
  readonly #collection: AnyCollection
  readonly #emit: Subscription['emitEvents']
  #buffer: Changes[] = []

  constructor(collection: AnyCollection, subscription: Subscription, isBuffering: () => boolean) {
    this.#collection = collection
    this.#emit = subscription.emitEvents.bind(subscription)
    // A method of its own, as the collection calls it on the subscription.
    subscription.emitEvents = (changes) => {
      if (!isBuffering()) return this.#emit(changes)
      this.#buffer.push(changes)
      return true
    }
  }

  /** Emits what `select` leaves of the buffered changes. */
  release(select: (changes: Changes) => Changes = (changes) => changes): void {
    const changes = this.#buffer.flat()
    this.#buffer = []
    // A collection that was cleaned up has lost its rows, and says so itself.
    if (this.#collection.status === 'cleaned-up' || changes.length === 0) return
    const selected = select(changes)
    if (selected.length > 0) this.#emit(selected)
  }

  /** Emits what was buffered, without rows that came and went: those of a load that was given up. */
  releaseWithoutGone(): void {
    this.release((changes) => {
      const came = new Set<unknown>()
      const gone = new Map<unknown, number>()
      changes.forEach(({ type, key }, index) => {
        if (type === 'insert') came.add(key)
        else if (type === 'delete' && came.has(key)) gone.set(key, index)
      })
      return changes.filter(({ key }, index) => index > (gone.get(key) ?? -1))
    })
  }
}
