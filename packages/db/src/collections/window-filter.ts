import type { AnyCollection, SubscribeOptions, Subscription } from './types.ts'

type Changes = Parameters<Subscription['emitEvents']>[0]
type WindowRequest = Parameters<Subscription['requestLimitedSnapshot']>[0]

/**
 * Leaves out changes of a first load that an ordered and limited live query does not need: rows outside its window.
 *
 * TanStack would put every row into the query's window by itself, which for 40k rows takes longer than all else
 * (1.5 s against 5.4 s of CPU; bench, window-load). The query's loader reads the rows from the index of the collection,
 * as it does for a query that is made after the load.
 *
 * For that its loader must know nothing of the collection when the load ends: a boundary that was found in an empty
 * collection would make it treat any row that it receives as one of its window. It learns where its window ends from
 * `onLoadSubsetResult`, so requests before the end of the load are made without it; the first news after that makes it
 * ask for its whole window. Contract: contract/window.test.ts; law: windows.property.test.ts.
 *
 * Upstream: TanStack/db#410 reads only the rows of a window, but not while its source loads; a loader that waits for
 * `markReady` would make this file unnecessary. Where `requestLimitedSnapshot` is no longer called on the subscription, no window is known and the
 * query gets every row: slower, and correct.
 */
export class WindowFilter {
  readonly #collection: AnyCollection
  readonly #options: SubscribeOptions
  #window: WindowRequest | undefined

  /** Observes `subscription` from its creation on; `isBeforeLoad` tells whether the load has not ended yet. */
  constructor(
    collection: AnyCollection,
    subscription: Subscription,
    options: SubscribeOptions,
    isBeforeLoad: () => boolean,
  ) {
    this.#collection = collection
    this.#options = options
    const request = subscription.requestLimitedSnapshot.bind(subscription)
    // A method of its own, as the query's loader calls it on the subscription.
    subscription.requestLimitedSnapshot = (window) => {
      if (!isBeforeLoad()) return request(window)
      this.#window ??= window
      request({ ...window, onLoadSubsetResult: () => undefined })
    }
  }

  /** Returns those of `changes` that the query needs. */
  filter(changes: Changes): Changes {
    if (this.#window === undefined) return changes
    const { orderBy, limit } = this.#window
    const { whereExpression: where } = this.#options
    // One row more than the query can know already: the loader requests its window when it gets a new row.
    const most = limit + this.#collection._optimisticOverlaySize()
    const first = this.#collection.currentStateAsChanges({ ...(where && { where }), orderBy, limit: most })
    const keys = new Set<unknown>(first?.map(({ key }) => key))
    // What is no insert may be about a row that it knows already, such as one of a pending write.
    return changes.filter(({ type, key }) => type !== 'insert' || keys.has(key))
  }
}
