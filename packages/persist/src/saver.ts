import { deferred, toStreamDBError } from '@streamdb/log'
import type { Checkpoint, OpenStore, StoreCommit, StoredHead, StreamDBError } from '@streamdb/log'
import type { Recorded } from './recorder.ts'
import type { UnsavedChanges } from './tabs/unsaved-changes.ts'

/** For how long changes are gathered before they are saved, in milliseconds: the log has them meanwhile. */
export const SAVE_DELAY = 100

/** What saving works with. */
export interface SaverOptions {
  readonly changes: Pick<UnsavedChanges, 'take' | 'hasChanges' | 'putBack'>
  /** Completes what is saved; where the page is left, without waiting for anybody. */
  readonly describe: (isLeaving: boolean) => Promise<Omit<StoredHead, 'savedAt' | 'checkpoint'>>
  readonly onSaved: (checkpoint: Checkpoint) => void
  /** Another tab leads by now: nothing was saved, and what was to be saved is kept. */
  readonly onStale: () => void
  /** Saving failed, and is not tried again. */
  readonly onFailed: (error: StreamDBError) => void
}

/** Saves what a recorder has, one save after the other: the next one takes everything since. */
export class Saver {
  readonly #options: SaverOptions
  readonly #opened = deferred()
  #target: { readonly store: Pick<OpenStore, 'save'>; readonly epoch: number } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #saving: Promise<void> | undefined
  #isStopped = false

  constructor(options: SaverOptions) {
    this.#options = options
  }

  /** Saves into `store` from now on. */
  begin(store: Pick<OpenStore, 'save'>, epoch: number): void {
    if (this.#isStopped) return
    this.#target = { store, epoch }
    this.#opened.resolve()
    this.schedule()
  }

  /** Saves soon, if there is something to save. */
  schedule(): void {
    if (this.#target === undefined || this.#timer !== undefined || this.#saving !== undefined) return
    if (!this.#options.changes.hasChanges) return
    this.#timer = setTimeout(() => void this.#save(), SAVE_DELAY)
  }

  /** Resolves when everything is saved that is recorded now, or nothing can be saved. */
  async flush(): Promise<void> {
    // A database that read nothing opens no store.
    if (this.#saving === undefined && !this.#options.changes.hasChanges) return
    await this.#opened.promise
    await this.#saving
    // What was recorded while another tab led is several saves.
    do await this.#save()
    while (this.#target !== undefined && this.#options.changes.hasChanges)
  }

  /** Saves what is left, and then nothing any more. */
  async close(): Promise<void> {
    if (this.#target !== undefined) await this.flush()
    this.stop()
  }

  /**
   * Saves what is left, in this task as far as the store can: the page may end with it. A save that is under way and waits
   * for the server is overtaken.
   */
  leave(): void {
    if (this.#target === undefined || !this.#options.changes.hasChanges) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const before = this.#saving
    const saving = Promise.all([before, this.#saveAll(true)]).then(() => {
      if (this.#saving !== saving) return
      this.#saving = undefined
      this.schedule()
    })
    this.#saving = saving
  }

  /** Saves what is left, as far as the store takes it, and then nothing until `begin`: another tab saves. */
  pause(): void {
    this.leave()
    this.#target = undefined
    this.#opened.resolve()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Saves nothing any more. */
  stop(): void {
    this.#isStopped = true
    this.#target = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#opened.resolve()
  }

  /** Never rejects. */
  #save(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#saving !== undefined) return this.#saving
    const saving = this.#saveAll(false).finally(() => {
      // Where the page was left meanwhile, there is another one behind it.
      if (this.#saving !== saving) return
      this.#saving = undefined
      this.schedule()
    })
    this.#saving = saving
    return saving
  }

  async #saveAll(isLeaving: boolean): Promise<void> {
    const target = this.#target
    if (target === undefined || !this.#options.changes.hasChanges) return
    let recorded: Recorded | undefined
    try {
      const described = await this.#options.describe(isLeaving)
      recorded = this.#options.changes.take()
      if (recorded === undefined) return
      const { checkpoint, ...rest } = recorded
      const commit: StoreCommit = { head: { ...described, checkpoint }, ...rest }
      await target.store.save(commit, target.epoch)
      this.#options.onSaved(checkpoint)
    } catch (error) {
      if (this.#isStopped) return
      const failure = toStreamDBError(error, 'storage-failed', 'Saving rows failed')
      if (failure.code === 'storage-stale') {
        if (recorded !== undefined) this.#options.changes.putBack(recorded)
        if (this.#target === target) this.#target = undefined
        return this.#options.onStale()
      }
      this.stop()
      this.#options.onFailed(failure)
    }
  }
}
