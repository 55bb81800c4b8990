import { StreamDBError } from '@streamdb/log'
import type { OpenStore, StoredContent, StreamStore } from '@streamdb/log'
import { before } from './before.ts'
import { whenClosed } from './closing-stores.ts'
import { asCorrupt, newerError } from './errors.ts'
import { ANSWER_TIMEOUT, limitStore } from './limited-store.ts'
import type { TabClock } from './tabs/browser.ts'

/** Opens the store of one stream. What takes too long of it rejects with `storage-failed`. */
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
  async open(): Promise<OpenStore> {
    const clock = this.#clock
    const late = (store: OpenStore): void => store.close()
    const opened = await before(ANSWER_TIMEOUT, this.#store.open(this.#id), { late, clock })
    const { load } = opened as Partial<OpenStore> // of a store without types it may be anything
    if (load !== undefined) return limitStore(opened, clock)
    const expected = 'expected a store of streams: of a store of blocks createStreamStore makes one'
    throw new StreamDBError('invalid-options', `createStorage: ${expected}`)
  }

  /**
   * Reads what an open store holds. Rejects with `storage-newer` where a later version of the application has stored it, and
   * closes the store then.
   */
  async load(store: OpenStore, version: number): Promise<StoredContent | 'corrupt' | undefined> {
    const content = await store.load().catch(asCorrupt)
    if (typeof content !== 'object' || content.head.version <= version) return content
    store.close()
    throw newerError(content.head, version)
  }

  /** Resolves when a database of this page that was closed has saved what it had left, or takes too long. */
  async whenSaved(): Promise<void> {
    const closed = whenClosed(this.#store, this.#id)
    // One that takes longer has its rows in the log.
    if (closed !== undefined)
      await before(ANSWER_TIMEOUT, closed, { clock: this.#clock }).catch(() => undefined)
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
