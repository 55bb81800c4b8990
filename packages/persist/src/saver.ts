import { deferred, toStreamDBError } from '@streamdb/log'
import type { OpenStore, StoreCommit, StoredHead, StreamDBError } from '@streamdb/log'
import type { RowRecorder } from './recorder.ts'

/** For how long changes are gathered before they are saved, in milliseconds: the log has them meanwhile. */
export const SAVE_DELAY = 100

/** What saving works with. */
export interface SaverOptions {
  readonly recorder: Pick<RowRecorder, 'take' | 'hasChanges'>
  /** Completes what is saved. */
  readonly describe: () => Promise<Omit<StoredHead, 'savedAt' | 'checkpoint'>>
  readonly onSaved: () => void
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
    if (!this.#options.recorder.hasChanges) return
    this.#timer = setTimeout(() => void this.#save(), SAVE_DELAY)
  }

  /** Resolves when everything is saved that is recorded now, or nothing can be saved. */
  async flush(): Promise<void> {
    await this.#opened.promise
    await this.#saving
    await this.#save()
  }

  /** Saves what is left, and then nothing any more. */
  async close(): Promise<void> {
    if (this.#target !== undefined) await this.flush()
    this.stop()
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
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined
      this.schedule()
    })
    return this.#saving
  }

  async #saveAll(): Promise<void> {
    const target = this.#target
    if (target === undefined || !this.#options.recorder.hasChanges) return
    try {
      const described = await this.#options.describe()
      const recorded = this.#options.recorder.take()
      if (recorded === undefined) return
      const { checkpoint, ...rest } = recorded
      const commit: StoreCommit = { head: { ...described, checkpoint }, ...rest }
      await target.store.save(commit, target.epoch)
      this.#options.onSaved()
    } catch (error) {
      if (this.#isStopped) return
      this.stop()
      this.#options.onFailed(toStreamDBError(error, 'storage-failed', 'Saving rows failed'))
    }
  }
}
