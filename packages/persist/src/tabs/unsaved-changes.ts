import { isBefore } from '@streamdb/log'
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

  constructor(recorder: Pick<RowRecorder, 'take' | 'hasChanges'>) {
    this.#recorder = recorder
  }

  get hasChanges(): boolean {
    return this.#recorded.length > 0 || this.#recorder.hasChanges
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
    const recorded = this.#recorder.take()
    if (recorded !== undefined) this.#recorded.push(recorded)
    this.#recorded = this.#recorded.filter(({ checkpoint }) => isBefore(offset, checkpoint.offset))
  }

  /** What was recorded is void. */
  clear(): void {
    this.#recorded = []
  }
}
