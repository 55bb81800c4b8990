import { toStreamDBError } from '@streamdb/log'
import type { OutboxChange, OutboxStore, StoredWrite, StreamDBError } from '@streamdb/log'
import { isNews, OutboxChanges } from './outbox-changes.ts'

/** What saving works with. */
export interface OutboxSaverOptions {
  /** Told once where the store fails: from then on the writes are in memory alone. */
  readonly onFailed: (error: StreamDBError) => void
  /** Another tab leads by now: nothing of what a leader says was stored. */
  readonly onStale: () => void
  /** Writes that were to be updated, or to replace refused ones, of which another tab has decided otherwise. */
  readonly onMissing: (txids: readonly string[]) => void
  /** Something was stored that other tabs are to know. */
  readonly onNews: () => void
}

/** Saves the changes of an outbox: those that are made while a transaction of the store is under way are the next one. */
export class OutboxSaver {
  /** What is to be saved; `flush` saves it. */
  readonly changes: OutboxChanges = new OutboxChanges()
  readonly #options: OutboxSaverOptions
  #store: OutboxStore | undefined
  #state: 'waiting' | 'ready' | { readonly error: StreamDBError } = 'waiting'
  #saving: Promise<void> | undefined
  // Whether what is being saved was taken out of the changes.
  #isTaken = false
  #changing: ReadonlySet<string> = new Set()
  #adding: readonly StoredWrite[] = []
  #version = 0
  #notifyReady: () => void = () => undefined
  readonly #ready = new Promise<void>((resolve) => (this.#notifyReady = resolve))
  /** Who leads, where this tab does: the store refuses what another one says. */
  epoch: number | undefined

  constructor(options: OutboxSaverOptions) {
    this.#options = options
  }

  /** Begins to save into a store. */
  attach(store: OutboxStore): void {
    if (this.#state !== 'waiting') return
    this.#store = store
    this.#state = 'ready'
    this.#notifyReady()
  }

  /** Stores nothing more: what is kept is in memory alone. */
  detach(error: StreamDBError): void {
    if (typeof this.#state === 'object') return
    this.#state = { error }
    this.#store = undefined
    this.#notifyReady()
  }

  /** Whether this tab leads. */
  get isLeading(): boolean {
    return this.epoch !== undefined
  }

  get isSaved(): boolean {
    return this.changes.isEmpty && this.#saving === undefined
  }

  /** Another number as soon as something is saved. */
  get version(): number {
    return this.#version
  }

  /** Whether what is known of a write is newer than what the store holds. */
  isUnsaved(txid: string): boolean {
    return this.changes.has(txid) || this.#changing.has(txid)
  }

  /** The writes of which nobody knows that they are stored; none where the store failed, and they are sent all the same. */
  get unsaved(): readonly StoredWrite[] {
    return typeof this.#state === 'object' ? [] : [...this.#adding, ...this.changes.added]
  }

  /** Saves everything that was changed by now; resolves when it is stored. Rejects where the store failed. */
  async flush(): Promise<void> {
    // What is under way may have begun before the last change; what begins after it has that change.
    if (this.#isTaken) await this.#saving
    if (this.#saving !== undefined || !this.changes.isEmpty) await (this.#saving ??= this.#save())
    if (typeof this.#state === 'object') throw this.#state.error
  }

  /** The same, with nobody waiting. */
  flushSoon(): void {
    // A failed store was reported.
    this.flush().catch(() => undefined)
  }

  async #save(): Promise<void> {
    // What is written in one go is stored together, and with how far it came meanwhile.
    await Promise.resolve()
    await this.#ready
    while (!this.changes.isEmpty) {
      this.#isTaken = true
      this.#version++
      const change = this.changes.take()
      this.#changing = txidsOf(change)
      this.#adding = change.put ?? []
      try {
        const missing = await this.#store?.change(change, this.epoch)
        if (missing !== undefined && missing.length > 0) this.#options.onMissing(missing)
        if (isNews(change)) this.#options.onNews()
        break
      } catch (thrown) {
        const error = toStreamDBError(thrown, 'storage-failed', 'Writes cannot be kept')
        if (error.code !== 'storage-stale' || this.epoch === undefined) {
          this.#fail(error)
          break
        }
        this.epoch = undefined
        this.changes.putBack(change)
        this.#options.onStale()
      }
    }
    this.#version++
    this.#changing = new Set()
    this.#adding = []
    this.#isTaken = false
    this.#saving = undefined
  }

  #fail(error: StreamDBError): void {
    if (typeof this.#state === 'object') return
    this.detach(error)
    this.#options.onFailed(error)
  }
}

function txidsOf({ put = [], update = [], remove = [] }: OutboxChange): ReadonlySet<string> {
  return new Set([...[...put, ...update].map(({ txid }) => txid), ...remove])
}
