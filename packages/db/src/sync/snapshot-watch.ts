import { StreamDBError } from '@streamdb/log'
import type { Observers, OpenSnapshot } from '../observe.ts'
import type { Reporter } from '../report.ts'

/**
 * Knows since when a snapshot is open. Nothing behind its beginning is visible (SPEC M5): a writer that died in it
 * leaves every reader with old rows, and nothing else would say so (F-real-8).
 */
export class SnapshotWatch {
  readonly #timeout: number
  readonly #observers: Pick<Observers, 'snapshot'>
  readonly #reporter: Reporter
  #open: OpenSnapshot | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** A snapshot that is open for longer than `timeout` milliseconds is reported, once. */
  constructor(timeout: number, observers: Pick<Observers, 'snapshot'>, reporter: Reporter) {
    this.#timeout = timeout
    this.#observers = observers
    this.#reporter = reporter
  }

  get current(): OpenSnapshot | undefined {
    return this.#open
  }

  /** Takes note of whether a snapshot is open behind a batch that ends at `offset`. */
  update(isOpen: boolean, offset: string): void {
    if (isOpen === (this.#open !== undefined)) return
    clearTimeout(this.#timer)
    this.#open = isOpen ? { since: Date.now(), offset } : undefined
    if (isOpen && this.#timeout !== Infinity) this.#startTimer()
    this.#observers.snapshot(this.#open)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #startTimer(): void {
    const report = (): void => {
      const what = `A snapshot has been open for ${this.#timeout} ms and did not end: its writer may have stopped`
      const where = `It began before offset ${this.#open?.offset ?? ''}`
      const how = `Rows written since then are not visible until a writer appends "snapshot-end" or "snapshot-start"`
      this.#reporter.report(new StreamDBError('snapshot-open', `${what}. ${where}. ${how}.`), 'The stream')
    }
    this.#timer = setTimeout(report, Math.min(this.#timeout, 2 ** 31 - 1))
    // It is no reason for a process to stay.
    ;(this.#timer as { unref?: () => void }).unref?.() // a number in browsers
  }
}
