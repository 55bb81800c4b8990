import type { ChangeEvent, Changes } from '@streamdb/state'
import { delay } from './delay.ts'

/** Rows that a writer waits to see in the log again. */
export interface Touched {
  /** Resolves when the log has brought all of them, or after `timeout` milliseconds. */
  wait(timeout: number, signal: AbortSignal): Promise<void>
  end(): void
}

interface Watch {
  readonly missing: Map<string, Set<string>>
  readonly resolve: () => void
}

/** Tells writers that append by themselves when the rows that they wrote came back. */
export class Touches {
  readonly #watches = new Set<Watch>()

  /** Watches the rows of `events`, from now on. */
  watch(events: readonly ChangeEvent[]): Touched {
    const missing = new Map<string, Set<string>>()
    for (const { type, key } of events) missing.set(type, (missing.get(type) ?? new Set()).add(key))
    let resolve = (): void => undefined
    const all = new Promise<void>((done) => (resolve = done))
    const watch: Watch = { missing, resolve }
    if (missing.size === 0) resolve()
    this.#watches.add(watch)
    return {
      wait: (timeout, signal) => delay(timeout, signal, all),
      end: () => void this.#watches.delete(watch),
    }
  }

  /** Takes note of what was committed. */
  touch(changes: Changes): void {
    for (const { missing, resolve } of this.#watches) {
      for (const [type, keys] of missing) {
        const rows = changes.rows.get(type)
        for (const key of keys) if (changes.replaces || rows?.has(key)) keys.delete(key)
        if (keys.size === 0) missing.delete(type)
      }
      if (missing.size === 0) resolve()
    }
  }
}
