import type { OpenStore, StreamStore } from '@streamdb/log'
import { before } from './before.ts'
import { whenClosed } from './closing-stores.ts'
import type { TabClock } from './tabs/browser.ts'

/** How long a store may take to open, in milliseconds; some browsers never answer. */
export const OPEN_TIMEOUT = 5_000

/** Opens the store of one stream. Rejects with `storage-failed` where that takes too long. */
export class StoreOpener {
  readonly #store: StreamStore
  readonly #id: string
  readonly #clock: Pick<TabClock, 'now' | 'after'>

  constructor(store: StreamStore, id: string, clock: Pick<TabClock, 'now' | 'after'>) {
    this.#store = store
    this.#id = id
    this.#clock = clock
  }

  /** Opens it. What opens too late is closed. */
  open(): Promise<OpenStore> {
    return before(OPEN_TIMEOUT, this.#store.open(this.#id), (late) => late.close(), this.#clock)
  }

  /** Resolves when a database of this page that was closed has saved what it had left, or takes too long. */
  async whenSaved(): Promise<void> {
    const closed = whenClosed(this.#store, this.#id)
    // One that takes longer has its rows in the log.
    if (closed !== undefined)
      await before(OPEN_TIMEOUT, closed, undefined, this.#clock).catch(() => undefined)
  }

  /** Opens the store for one task, beside the one that rows are saved in. */
  async use<Value>(task: (store: OpenStore) => Promise<Value>): Promise<Value> {
    const opened = await this.open()
    try {
      return await task(opened)
    } finally {
      opened.close()
    }
  }
}
