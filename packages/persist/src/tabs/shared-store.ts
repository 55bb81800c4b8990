import type { Checkpoint } from '@streamdb/log'

/** What leading and following need of what is stored. */
export interface SharedStore {
  /**
   * Claims the store for this tab, and saves from now on; resolves with the epoch, and with where the stored rows end.
   * Rejects where the store cannot be used.
   */
  lead(signal: AbortSignal): Promise<{ readonly epoch: number; readonly checkpoint: Checkpoint | undefined }>
  /** Saves what is visible, as far as the store still takes it, and nothing more; another tab may lead from now on. */
  follow(): void
  /** Resolves with where the stored rows end, after everything is saved that is visible now. */
  flush(): Promise<Checkpoint | undefined>
  /** Reads the stored rows again, in one change: they take the place of what is shown. The source is started behind them. */
  reload(): void
  /** Where the rows of the store end by now: another tab has saved them. */
  onSaved(checkpoint: Checkpoint): void
  /** Writes came into the outbox, or became something else there, in another tab. */
  onRing(): void
  /** Whether writes wait in the outbox to be sent. */
  readonly hasWrites: boolean
  /** Tries at once to send what waits in the outbox to be tried again. */
  retryNow(): void
  /** The browser refuses the lock: this tab stores nothing, and goes on alone. */
  goOnWithoutLocks(): void
  /** Another tab has removed everything that is stored: nothing more is stored. */
  onCleared(): void
}
