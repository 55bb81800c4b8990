import type { TabsStatus } from '@streamdb/log'

/** Holds which part a tab has, and notifies whoever subscribed. */
export class TabsStatusValue {
  readonly #listeners = new Set<{ readonly run: () => void }>()
  readonly #report: (error: unknown) => void
  #status: TabsStatus

  /** `report` is told what a listener throws. */
  constructor(status: TabsStatus, report: (error: unknown) => void) {
    this.#status = status
    this.#report = report
  }

  readonly get = (): TabsStatus => this.#status

  readonly subscribe = (run: () => void): (() => void) => {
    const listener = { run }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  set(status: TabsStatus): void {
    if (status.role === this.#status.role && status.role !== 'alone') return
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
