import { isBefore, start } from '@streamdb/log'

/** Tells writers that append by themselves when the log is shown as far as they wrote. */
export class Tail {
  readonly #waiters = new Set<{ readonly offset: string; readonly resolve: () => void }>()
  #shown = start

  /** Resolves when everything before `offset` is shown; never, where `signal` aborts first. */
  reach(offset: string, signal: AbortSignal): Promise<void> {
    if (!isBefore(this.#shown, offset)) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = { offset, resolve }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', () => this.#waiters.delete(waiter))
    })
  }

  /** Takes note of how far the log is shown. */
  advance(offset: string): void {
    this.#shown = offset
    for (const waiter of this.#waiters) {
      if (isBefore(offset, waiter.offset)) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }
}
