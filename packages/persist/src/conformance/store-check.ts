import type { StreamStore } from '@streamdb/log'

/** Makes one more store of what another one keeps, as the next page or process does. */
export type MakeStore = () => StreamStore

/** One thing that a store must do. */
export interface StoreCheck {
  readonly name: string
  /**
   * Runs it on a store with nothing in it. Rejects with what was expected and received. With `again`, whatever is opened
   * again is opened by another store over the same place: what the first one holds in its own memory alone is missed then.
   */
  readonly run: (store: StreamStore, again?: MakeStore) => Promise<void>
}
