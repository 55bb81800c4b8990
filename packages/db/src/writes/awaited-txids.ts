import type { PendingWrite } from './pending-write.ts'

/** Which writes wait for which transactions to be visible: every write for its own, some for others as well. */
export class AwaitedTxIds {
  readonly #writes = new Map<string, Set<PendingWrite>>()

  /** Makes a write wait for a transaction. */
  add(txid: string, write: PendingWrite): void {
    const waiting = this.#writes.get(txid) ?? new Set()
    this.#writes.set(txid, waiting.add(write))
  }

  /** Forgets a write. */
  remove(write: PendingWrite): void {
    for (const txid of [write.write.txid, ...write.awaited]) {
      const waiting = this.#writes.get(txid)
      if (waiting?.delete(write) && waiting.size === 0) this.#writes.delete(txid)
    }
  }

  /**
   * Returns the writes that wait for nothing any more, now that `txids` are visible: a write's own txid confirms it,
   * whatever else it waits for.
   */
  markSeen(txids: ReadonlySet<string>): Set<PendingWrite> {
    const complete = new Set<PendingWrite>()
    for (const [txid, write] of this.waitingFor(txids)) {
      write.awaited.delete(txid)
      if (write.write.txid === txid || write.awaited.size === 0) complete.add(write)
    }
    return complete
  }

  /** Returns the writes that wait for one of `txids`, each with the txid. */
  *waitingFor(txids: ReadonlySet<string>): Generator<readonly [string, PendingWrite], void> {
    // Whichever is the smaller: a first load brings many transactions, of which none may be waited for.
    const candidates = txids.size < this.#writes.size ? txids : this.#writes.keys()
    for (const txid of candidates) {
      if (!txids.has(txid)) continue
      for (const write of this.#writes.get(txid) ?? []) yield [txid, write]
    }
  }
}
