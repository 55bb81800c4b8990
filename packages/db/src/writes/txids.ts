import { afterShown, deferred, StreamDBError } from '@streamdb/log'

/** How long to wait. */
export interface AwaitOptions {
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A wait for a transaction to be visible. */
export interface TxIdWait {
  readonly done: Promise<void>
  /** Gives up after so many milliseconds: `done` rejects. Without it, and with `Infinity`, it waits until the end. */
  readonly startClock: (timeout: number, isExplicit: boolean) => void
  /** Gives up: `done` rejects. Does nothing where the wait is over. */
  readonly abort: (cause?: unknown) => void
}

/** Remembers the transactions that were seen lately, and resolves waits for them. */
export class TxIds {
  readonly #describePosition: () => string
  readonly #capacity: number
  // A Set keeps the order of insertion, so the oldest is the first.
  readonly #seen = new Set<string>()
  // What ends a wait: with nothing when it was seen, or with an error.
  readonly #waiters = new Map<string, Set<(error?: Error) => void>>()
  #rejection: Error | undefined

  /**
   * `describePosition` says where the database stands, for errors. `capacity`: at least so many seen transactions are
   * remembered; older ones are forgotten.
   */
  constructor(describePosition: () => string, capacity = 10_000) {
    this.#describePosition = describePosition
    this.#capacity = capacity
  }

  /** Whether a transaction was seen, and not so long ago that it is forgotten. */
  has(txid: string): boolean {
    return this.#seen.has(txid)
  }

  /** Marks transactions as visible, and resolves the waits for them. */
  markSeen(txids: Iterable<string>): void {
    for (const txid of txids) {
      this.#seen.delete(txid)
      this.#seen.add(txid)
      for (const end of this.#waiters.get(txid) ?? []) end()
    }
    this.evict(this.#seen)
  }

  /** Drops the oldest of `txids` over the capacity, except those that somebody waits for. */
  evict(txids: Set<string>): void {
    for (const oldest of txids) {
      if (txids.size <= this.#capacity) break
      if (!this.#waiters.has(oldest)) txids.delete(oldest)
    }
  }

  /**
   * Waits for a transaction. Errors name it and, by `describePosition`, the offset, the status and what was seen lately
   * (SPEC W4).
   */
  wait(txid: string): TxIdWait {
    const { promise, resolve, reject } = deferred()
    let endClock: (() => void) | undefined
    let isOver = false
    const end = (error?: Error): void => {
      isOver = true
      endClock?.()
      const waiters = this.#waiters.get(txid)
      if (waiters?.delete(end) && waiters.size === 0) this.#waiters.delete(txid)
      if (error === undefined) resolve()
      else reject(error)
    }
    const giveUp = (code: 'txid-timeout' | 'aborted', what: string, cause?: unknown): void => {
      if (isOver) return
      end(new StreamDBError(code, `Transaction ${txid} ${what} (${this.#describePosition()})`, { cause }))
    }
    if (this.#seen.has(txid)) end()
    else if (this.#rejection !== undefined) end(this.#rejection)
    else this.#waiters.set(txid, (this.#waiters.get(txid) ?? new Set()).add(end))
    return {
      done: promise,
      startClock: (timeout, isExplicit) => {
        const what = `did not come back through the log (Timeout after ${timeout} ms)`
        if (isOver || timeout === Infinity) return
        const onTimeout = (): void => giveUp('txid-timeout', what)
        endClock = isExplicit ? after(timeout, onTimeout) : afterShown(timeout, onTimeout)
      },
      abort: (cause) => giveUp('aborted', 'is no longer waited for', cause),
    }
  }

  /** Rejects all waits, and all that begin before `reopen`. */
  rejectAll(error: Error): void {
    this.#rejection = error
    for (const waiters of this.#waiters.values()) for (const end of waiters) end(error)
  }

  /** Rejects for good, waits for transactions that were seen as well. */
  close(error: Error): void {
    this.#seen.clear()
    this.rejectAll(error)
  }

  /** Ends what `rejectAll` began. */
  reopen(): void {
    this.#rejection = undefined
  }

  /** The transactions seen last, newest first, at most `most`. */
  recent(most: number): string[] {
    return [...this.#seen].slice(-most).reverse()
  }
}

/** Waits for a transaction as the application asks for it: `db.utils.awaitTxId`. */
export function awaitTxId(txids: TxIds, txid: string, options: number | AwaitOptions): Promise<void> {
  const given = typeof options === 'number' ? { timeout: options } : options
  const { timeout = 5000, signal } = given
  if (typeof txid !== 'string' || txid === '' || Number.isNaN(timeout)) {
    const message = `awaitTxId: expected a txid and a timeout in ms, received "${txid}", ${timeout}`
    const { promise, reject } = deferred()
    reject(new StreamDBError('invalid-options', message))
    return promise
  }
  const { done, startClock, abort } = txids.wait(txid)
  // A time that was asked for runs; the default one stands still while the page is hidden, and reads more slowly.
  startClock(timeout, given.timeout !== undefined)
  const onAbort = (): void => abort(signal?.reason)
  const leave = (): void => signal?.removeEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  done.then(leave, leave)
  return done
}

function after(ms: number, run: () => void): () => void {
  // Longer than a timer can count would fire at once.
  const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1))
  return () => clearTimeout(timer)
}
