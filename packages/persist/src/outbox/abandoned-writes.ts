import { fromStoredError, StreamDBError } from '@streamdb/log'
import type { StoredError } from '@streamdb/log'
import type { TabClock } from '../tabs/browser.ts'
import type { KeptWrite } from './kept-write.ts'
import type { OutboxList } from './outbox-list.ts'

/** How long a refused write waits for the tab that made it, in milliseconds. */
const WAIT = 60_000

/** What finding abandoned writes works with. */
export interface AbandonedWritesOptions {
  readonly list: Pick<OutboxList, 'find' | typeof Symbol.iterator>
  readonly clock: Pick<TabClock, 'after'>
  /** Removes a write that was refused, and says so. */
  readonly drop: (kept: KeptWrite, error: StoredError) => void
  /** Aborts when this tab no longer leads. */
  readonly signal: AbortSignal
}

/**
 * Finds refused writes that nobody decides about: the tab that made them removes them, unless it is gone. One that is frozen
 * may come late, and is told by `DroppedWrites`.
 */
export class AbandonedWrites {
  readonly #options: AbandonedWritesOptions
  readonly #waiting = new Set<string>()

  constructor(options: AbandonedWritesOptions) {
    this.#options = options
  }

  /** Looks for them among what is kept by now; those found are dropped in a minute, if they are still there. */
  check(): void {
    const { list, clock, drop, signal } = this.#options
    for (const kept of list) {
      const { txid } = kept.write
      if (!isAbandoned(kept) || this.#waiting.has(txid)) continue
      this.#waiting.add(txid)
      const cancel = clock.after(WAIT, () => {
        signal.removeEventListener('abort', cancel)
        this.#waiting.delete(txid)
        const found = list.find(txid)
        if (found === undefined || signal.aborted) return
        const { state } = found.write
        if (isAbandoned(found) && state.name === 'refused') drop(found, state.error)
      })
      signal.addEventListener('abort', cancel, { once: true })
    }
  }
}

function isAbandoned({ write, carrier }: KeptWrite): boolean {
  return write.isTransient === true && carrier === undefined && write.state.name === 'refused'
}

/** Returns what is reported of a write that was dropped. */
export function abandonedError(stored: StoredError): StreamDBError {
  const cause = fromStoredError(stored)
  const { code, status, body, reason } = cause
  const what = `A write of a tab that is gone was refused, and is dropped: ${cause.message}`
  return new StreamDBError(code, what, { status, body, reason, cause })
}
