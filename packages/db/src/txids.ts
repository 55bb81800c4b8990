/** Remembers the transactions that were seen lately, and wakes those who wait for one. */
export class TxIds {
  readonly #capacity: number
  // A Set keeps the order of insertion, so the oldest is the first.
  readonly #seen = new Set<string>()
  readonly #waiters = new Map<string, Set<Waiter>>()
  #refusal: Error | undefined

  /** `capacity`: how many seen transactions are remembered, at least. Older ones are forgotten. */
  constructor(capacity = 10_000) {
    this.#capacity = capacity
  }

  /** Marks transactions as visible, and wakes their waiters. */
  settle(txids: Iterable<string>): void {
    for (const txid of txids) {
      this.#seen.delete(txid)
      this.#seen.add(txid)
      const waiters = this.#waiters.get(txid)
      if (waiters === undefined) continue
      this.#waiters.delete(txid)
      for (const waiter of waiters) waiter.resolve()
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

  /** Whether `txid` is visible, as far as that is remembered. */
  has(txid: string): boolean {
    return this.#seen.has(txid)
  }

  /** Adds one who waits for `txid`, who may be told at once; returns what takes them out again. */
  join(txid: string, waiter: Waiter): () => void {
    if (this.#seen.has(txid)) waiter.resolve()
    else if (this.#refusal !== undefined) waiter.reject(this.#refusal)
    else {
      const waiters = this.#waiters.get(txid) ?? new Set<Waiter>()
      this.#waiters.set(txid, waiters.add(waiter))
    }
    return () => {
      const waiters = this.#waiters.get(txid)
      if (waiters?.delete(waiter) && waiters.size === 0) this.#waiters.delete(txid)
    }
  }

  /** Rejects all who wait, and all who will, until `admit`. */
  refuse(error: Error): void {
    this.#refusal = error
    const waiting = [...this.#waiters.values()].flatMap((waiters) => [...waiters])
    this.#waiters.clear()
    for (const waiter of waiting) waiter.reject(error)
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

  /** How many wait. */
  get waiting(): number {
    let waiting = 0
    for (const waiters of this.#waiters.values()) waiting += waiters.size
    return waiting
  }

  /** The transactions seen last, newest first, at most `most`. */
  recent(most: number): string[] {
    return [...this.#seen].slice(-most).reverse()
  }
}

/** One who waits: told once. */
export interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}
