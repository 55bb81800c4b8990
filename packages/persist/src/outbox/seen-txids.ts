const CAPACITY = 10_000

/** Remembers the transactions that were seen last. */
export class SeenTxIds {
  readonly #txids = new Set<string>()

  has(txid: string): boolean {
    return this.#txids.has(txid)
  }

  add(txid: string): void {
    this.#txids.add(txid)
    for (const oldest of this.#txids) {
      if (this.#txids.size <= CAPACITY) break
      this.#txids.delete(oldest)
    }
  }
}
