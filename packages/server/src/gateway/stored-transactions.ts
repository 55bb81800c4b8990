import { longestResult } from '../actions/call-result.ts'
import type { CallResult } from '../actions/call-result.ts'

/** How many events of how many transactions are remembered of a stream. */
const mostEvents = 20_000
/** How much of what actions returned is remembered of a stream, in characters of JSON. */
const mostOfResults = 1024 * 1024

/** An event of a transaction. */
export interface TransactionEvent {
  readonly txid: string
  readonly principal: string | undefined
  /** What tells it from the transaction's other events. */
  readonly identity: string
  /** The JSON of what the action returned that wrote it. */
  readonly result?: string | undefined
}

/** What a principal wrote under one transaction id. */
interface StoredTransaction {
  /** Of its events, in the order of the log. */
  readonly identities: string[]
  /** Whether its action returned something. */
  readonly hasResult: boolean
}

/** Remembers the last transactions of a log, so that a repeated write is known as stored. */
export class StoredTransactions {
  // A Map keeps the order of insertion, so the oldest is the first.
  readonly #transactions = new Map<string, StoredTransaction>()
  // Of a snapshot, which names transactions and not their events.
  #named = new Set<string>()
  #events = 0
  // JSON, the oldest first.
  readonly #results = new Map<string, string>()
  #resultSize = 0

  /** How large all results are that are remembered, in characters. */
  get resultSize(): number {
    return this.#resultSize
  }

  /** Takes note of an event of the log. */
  note({ txid, principal, identity, result }: TransactionEvent): void {
    const name = nameOf(txid, principal)
    const { identities, hasResult } = this.#transactions.get(name) ?? { identities: [], hasResult: false }
    identities.push(identity)
    this.#events++
    // The last one is the newest.
    this.#transactions.delete(name)
    this.#transactions.set(name, { identities, hasResult: hasResult || result !== undefined })
    if (result !== undefined && result.length <= longestResult) this.#noteResult(name, result)
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

  /** Returns what is known of what the action of a transaction returned. */
  resultOf(txid: string, principal: string): CallResult {
    const name = nameOf(txid, principal)
    const transaction = this.#transactions.get(name)
    if (transaction === undefined) return { type: 'forgotten' }
    const json = this.#results.get(name)
    return transaction.hasResult && json === undefined ? { type: 'forgotten' } : { type: 'returned', json }
  }

  clear(): void {
    this.#transactions.clear()
    this.#named.clear()
    this.#results.clear()
    this.#events = this.#resultSize = 0
  }

  #noteResult(name: string, result: string): void {
    this.#forgetResult(name)
    this.#results.set(name, result)
    this.#resultSize += result.length
    for (const oldest of this.#results.keys()) {
      if (this.#resultSize <= mostOfResults) return
      this.#forgetResult(oldest)
    }
  }

  #forgetResult(name: string): void {
    this.#resultSize -= this.#results.get(name)?.length ?? 0
    this.#results.delete(name)
  }

  #evict(): void {
    for (const [name, { identities }] of this.#transactions) {
      if (this.#events <= mostEvents) return
      this.#transactions.delete(name)
      this.#forgetResult(name)
      this.#events -= identities.length
    }
  }
}

function nameOf(txid: string, principal: string | undefined): string {
  return JSON.stringify([txid, principal ?? null])
}
