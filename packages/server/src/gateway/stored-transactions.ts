/** How many events of how many transactions are remembered of a stream. */
const mostEvents = 20_000

/** What a principal wrote under one transaction id: the identities of its events, in the order of the log. */
interface StoredTransaction {
  readonly identities: string[]
}

/** Remembers the last transactions of a log, so that a repeated write is known as stored. */
export class StoredTransactions {
  // A Map keeps the order of insertion, so the oldest is the first.
  readonly #transactions = new Map<string, StoredTransaction>()
  // Of a snapshot, which names transactions and not their events.
  #named = new Set<string>()
  #events = 0

  /** Takes note of an event of the log. */
  note(txid: string, principal: string | undefined, identity: string): void {
    const name = nameOf(txid, principal)
    const { identities } = this.#transactions.get(name) ?? { identities: [] }
    identities.push(identity)
    this.#events++
    // The last one is the newest.
    this.#transactions.delete(name)
    this.#transactions.set(name, { identities })
    this.#evict()
  }

  /** Takes note of transactions before a snapshot. */
  noteNamed(txids: Iterable<string>): void {
    this.#named = new Set(txids)
  }

  /** Whether the log has these events of a transaction, one behind the other. */
  has(txid: string, principal: string, identities: readonly string[]): boolean {
    if (this.#named.has(txid)) return true
    const stored = this.#transactions.get(nameOf(txid, principal))?.identities ?? []
    for (let start = 0; start + identities.length <= stored.length; start++) {
      if (identities.every((identity, index) => stored[start + index] === identity)) return true
    }
    return false
  }

  /** Whether the log has any event of a transaction. */
  knows(txid: string, principal: string): boolean {
    return this.#named.has(txid) || this.#transactions.has(nameOf(txid, principal))
  }

  clear(): void {
    this.#transactions.clear()
    this.#named.clear()
    this.#events = 0
  }

  #evict(): void {
    for (const [name, { identities }] of this.#transactions) {
      if (this.#events <= mostEvents) return
      this.#transactions.delete(name)
      this.#events -= identities.length
    }
  }
}

function nameOf(txid: string, principal: string | undefined): string {
  return JSON.stringify([txid, principal ?? null])
}
