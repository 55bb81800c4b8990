import type { Changes } from '@streamdb/state'
import type { Checkpoint, StreamDBError } from '@streamdb/log'

/**
 * Takes folded changes, in log order: TanStack collections, plain Maps, a store, a worker.
 *
 * Each call of `apply` is one step: a reader of the target sees all of its changes or none (SPEC C1).
 * testkit's `describeChangeTarget` holds every implementation to that.
 */
export interface ChangeTarget {
  /**
   * Applies `changes`, and is at `at` afterwards. It may take several turns of the event loop: then it returns a promise
   * that resolves when the changes are visible, and is not called again before that. The promise rejects with the code
   * `aborted` where the target gave the changes up, as the log is read again from its beginning.
   */
  apply(changes: Changes, at: Checkpoint): void | Promise<void>
  /** Everything that the log holds is applied. */
  setReady(): void
  /** The target is no longer kept up to date. What it holds stays, and a later `setReady` ends the failure. */
  setFailed(error: StreamDBError): void
}
