import { isBefore, Listeners } from '@streamdb/log'
import type { Checkpoint } from '@streamdb/log'
import type { Recorded, RowRecorder } from '../recorder.ts'

/**
 * What this tab has recorded and no tab has saved: a follower that takes the lead saves on where the last leader stopped.
 *
 * It holds little: what the leader has saved is dropped.
 */
export class UnsavedChanges {
  readonly #recorder: Pick<RowRecorder, 'take' | 'hasChanges'>
  // In the order of the log; each leads to its checkpoint.
  #recorded: Recorded[] = []
  readonly #listeners = new Listeners()

  constructor(recorder: Pick<RowRecorder, 'take' | 'hasChanges'>) {
    this.#recorder = recorder
  }

  get hasChanges(): boolean {
    return this.#recorded.length > 0 || this.#recorder.hasChanges
  }

  /** The last of what is unsaved now, to be looked for by `holds`; nothing where everything is saved. */
  get last(): Recorded | undefined {
    this.#gather()
    return this.#recorded.at(-1)
  }

  /** Whether `recorded` is still unsaved, and not taken either. */
  holds(recorded: Recorded): boolean {
    return this.#recorded.includes(recorded)
  }

  /** Calls `run` whenever something was saved, or is void; returns what ends that. */
  onDropped(run: () => void): () => void {
    return this.#listeners.subscribe(run)
  }

  take(): Recorded | undefined {
    return this.#recorded.shift() ?? this.#recorder.take()
  }

  /** The store did not take it, as another tab leads by now. */
  putBack(recorded: Recorded): void {
    this.#recorded.unshift(recorded)
  }

  /** The rows of the store end at `checkpoint`: what leads no further is part of them. */
  dropUpTo({ offset }: Checkpoint): void {
    this.#gather()
    this.#recorded = this.#recorded.filter(({ checkpoint }) => isBefore(offset, checkpoint.offset))
    this.#listeners.notify()
  }

  /** What was recorded is void. */
  clear(): void {
    this.#recorded = []
    this.#listeners.notify()
  }

  #gather(): void {
    const recorded = this.#recorder.take()
    if (recorded !== undefined) this.#recorded.push(recorded)
  }
}
