import { isBefore, start } from '@streamdb/log'

/** Tells who waits for it when the log is visible up to an offset. */
export class OffsetWaiters {
  readonly #waiters = new Set<{ readonly offset: string; readonly resolve: () => void }>()
  #visible = start

  /** Resolves when everything before `offset` is visible; never, where `signal` aborts first. */
  waitFor(offset: string, signal: AbortSignal): Promise<void> {
    if (!isBefore(this.#visible, offset)) return Promise.resolve()
    return new Promise((resolve) => {
      const onAbort = (): void => void this.#waiters.delete(waiter)
      const waiter = {
        offset,
        resolve: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', onAbort)
    })
  }

  /** Says up to which offset the log is visible; `start` when it is read again from its beginning. */
  advance(offset: string): void {
    this.#visible = offset
    for (const waiter of this.#waiters) {
      if (isBefore(offset, waiter.offset)) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }
}
