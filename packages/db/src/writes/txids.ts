import { deferred } from '@streamdb/log'
import { StreamDBError } from '@streamdb/log'
import { afterShown } from '@streamdb/log'

/** A wait for a transaction to be visible. */
export interface TxIdWait {
  readonly done: Promise<void>
  /** Gives it so many milliseconds from now on; then `done` rejects. `Infinity`, and without a clock, it waits for ever. */
  readonly startClock: (timeout: number) => void
  /** Waits no longer: `done` rejects. Does nothing where it is over. */
  readonly abort: (cause?: unknown) => void
}

/** Remembers the transactions that were seen lately, and wakes those who wait for one. */
export class TxIds {
  readonly #where: () => string
  readonly #capacity: number
  // A Set keeps the order of insertion, so the oldest is the first.
  readonly #seen = new Set<string>()
  // What ends a wait: well or, with an error, not.
  readonly #waiters = new Map<string, Set<(error?: Error) => void>>()
  #refusal: Error | undefined

  /**
   * `where` says where the database stands, for errors. `capacity`: how many seen transactions are remembered, at least;
   * older ones are forgotten.
   */
  constructor(where: () => string, capacity = 10_000) {
    this.#where = where
    this.#capacity = capacity
  }

  /** Marks transactions as visible, and wakes their waiters. */
  settle(txids: Iterable<string>): void {
    for (const txid of txids) {
      this.#seen.delete(txid)
      this.#seen.add(txid)
      for (const end of this.#waiters.get(txid) ?? []) end()
    }
    this.trim(this.#seen)
  }

  /** Drops the oldest of `txids` over the capacity, but for those that somebody waits for. */
  trim(txids: Set<string>): void {
    for (const oldest of txids) {
      if (txids.size <= this.#capacity) break
      if (!this.#waiters.has(oldest)) txids.delete(oldest)
    }
  }

  /**
   * Starts to wait for a transaction. No AbortController: every write waits, and on Node 20 one takes 0.1 ms.
   *
   * Errors name the txid, and by `where` the offset, the connection and what was seen lately (DESIGN W4).
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
      if (!isOver) end(new StreamDBError(code, `Transaction ${txid} ${what} (${this.#where()})`, { cause }))
    }
    if (this.#seen.has(txid)) end()
    else if (this.#refusal !== undefined) end(this.#refusal)
    else this.#waiters.set(txid, (this.#waiters.get(txid) ?? new Set()).add(end))
    return {
      done: promise,
      startClock: (timeout) => {
        const what = `did not come back through the log (Timeout after ${timeout} ms)`
        if (!isOver && timeout !== Infinity)
          endClock = afterShown(timeout, () => giveUp('txid-timeout', what))
      },
      abort: (cause) => giveUp('aborted', 'is no longer waited for', cause),
    }
  }

  /** Rejects all who wait, and all who will, until `admit`. */
  refuse(error: Error): void {
    this.#refusal = error
    for (const waiters of this.#waiters.values()) for (const end of waiters) end(error)
  }

  /** Refuses for ever, those too who ask for what was seen. */
  close(error: Error): void {
    this.#seen.clear()
    this.refuse(error)
  }

  /** Lets waiters wait again. */
  admit(): void {
    this.#refusal = undefined
  }

  /** The transactions seen last, newest first, at most `most`. */
  recent(most: number): string[] {
    return [...this.#seen].slice(-most).reverse()
  }
}
