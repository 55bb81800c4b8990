import { delay } from '@streamdb/log'
import type { BatchSource } from '@streamdb/log'
import type { LogEnd } from './log-end.ts'
import type { PendingWrite } from './pending-write.ts'

/** What it takes to tell that a stored write does not come back. */
export interface ConfirmationWatchOptions {
  readonly source: Pick<BatchSource, 'verify'>
  readonly logEnd: LogEnd
  /** After how many milliseconds the log is asked whether it holds the write. */
  readonly confirmTimeout: number
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** Called with acknowledged writes that the log, read to its end since, does not have. */
  readonly onMissing: (writes: readonly PendingWrite[]) => void
}

// A stored write that does not come back in this time is evidence against the connection that reads.
const doubtAfter = 2000

// How long it is waited before the log is asked again, where it could not be read.
const retryAfter = 1000

/**
 * Watches acknowledged writes until they are confirmed.
 *
 * Time alone never fails a write: the process may have been busy, the machine asleep or the connection dead, and the
 * write is in the log (SPEC F-real-52, F-real-70). After `confirmTimeout` the log is read to its end, and only a write
 * that is not there is reported.
 */
export class ConfirmationWatch {
  readonly #options: ConfirmationWatchOptions
  // By when they were acknowledged, oldest first.
  readonly #fresh = new Map<PendingWrite, number>()
  readonly #doubted = new Map<PendingWrite, number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsking = false

  constructor(options: ConfirmationWatchOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => clearTimeout(this.#timer))
  }

  /** Begins to watch a write. */
  add(write: PendingWrite): void {
    this.#fresh.set(write, performance.now())
    this.#schedule()
  }

  /** Ends the watch of a write: it is settled. */
  remove(write: PendingWrite): void {
    this.#fresh.delete(write)
    this.#doubted.delete(write)
  }

  #schedule(): void {
    const { confirmTimeout, signal } = this.#options
    if (this.#timer !== undefined || signal.aborted) return
    const due = Math.min(
      oldestOf(this.#fresh) + Math.min(doubtAfter, confirmTimeout),
      this.#isAsking ? Infinity : oldestOf(this.#doubted) + confirmTimeout,
    )
    if (due === Infinity) return
    // Longer than a timer can count would fire at once.
    const wait = Math.min(Math.max(0, due - performance.now()), 2 ** 31 - 1)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#check()
      this.#schedule()
    }, wait)
  }

  #check(): void {
    const { source, confirmTimeout } = this.#options
    const now = performance.now()
    let doubts = false
    for (const [write, since] of this.#fresh) {
      if (now - since < Math.min(doubtAfter, confirmTimeout)) break
      this.#fresh.delete(write)
      this.#doubted.set(write, since)
      doubts = true
    }
    if (doubts) source.verify('unconfirmed-write')
    if (!this.#isAsking && now - oldestOf(this.#doubted) >= confirmTimeout) void this.#ask()
  }

  /** Reads the log to its end, and reports the writes that are not there. */
  async #ask(): Promise<void> {
    const { logEnd, confirmTimeout, signal, onMissing } = this.#options
    this.#isAsking = true
    const now = performance.now()
    const asked = [...this.#doubted]
      .filter(([, since]) => now - since >= confirmTimeout)
      .map(([write]) => write)
    try {
      await logEnd.waitUntilVisible(signal)
      // What is in an open snapshot is in the log, and becomes visible with it.
      onMissing(asked.filter((write) => this.#doubted.has(write) && !write.isInsideSnapshot))
    } catch {
      // The log cannot be read: nothing is known of the writes.
      await delay(retryAfter, signal)
    }
    for (const write of asked) {
      // What stays is asked for again, after as long.
      if (this.#doubted.delete(write)) this.#doubted.set(write, performance.now())
    }
    this.#isAsking = false
    this.#schedule()
  }
}

function oldestOf(writes: ReadonlyMap<PendingWrite, number>): number {
  for (const since of writes.values()) return since
  return Infinity
}
