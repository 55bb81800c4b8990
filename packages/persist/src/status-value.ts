import type { StorageStatus } from '@streamdb/log'

/** Holds where a storage stands, and notifies whoever subscribed. */
export class StatusValue {
  readonly #listeners = new Set<{ readonly run: () => void }>()
  readonly #report: (error: unknown) => void
  #status: StorageStatus = { name: 'idle' }

  /** `report` is told what a listener throws. */
  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  readonly get = (): StorageStatus => this.#status

  readonly subscribe = (run: () => void): (() => void) => {
    const listener = { run }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Sets the status; `closed` is final, and nothing but that follows `cleared`. */
  set(status: StorageStatus): void {
    const { name } = this.#status
    if (name === 'closed' || (name === 'cleared' && status.name !== 'closed')) return
    this.#status = status
    for (const { run } of [...this.#listeners]) {
      try {
        run()
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
