import { Listeners } from '@streamdb/log'
import type { StoredWrite, WriteCarrier } from '@streamdb/log'
import type { KeptWrite } from './kept-write.ts'
import { lengthOf } from './next-task.ts'

/** The writes that are kept, by their order, and who follows them. */
export class OutboxList {
  readonly #listeners: Listeners
  #kept = new Map<string, KeptWrite>()
  readonly #unclaimed = new Map<string, KeptWrite>()
  #lastOrder = 0
  // The highest place that was taken: what comes behind it needs no sorting.
  #lastAdded = 0
  #length = 0
  #snapshot: readonly StoredWrite[] | undefined

  /** `onThrown` is given what a listener throws. */
  constructor(onThrown?: (error: unknown) => void) {
    this.#listeners = new Listeners(onThrown)
  }

  get size(): number {
    return this.#kept.size
  }

  /** How large they are together, in characters of JSON. */
  get length(): number {
    return this.#length
  }

  /** What is kept, but for what was withdrawn; the same array until it changes. */
  get snapshot(): readonly StoredWrite[] {
    return (this.#snapshot ??= this.#list())
  }

  /** Those that nobody of this page shows, by order. */
  get unclaimed(): readonly StoredWrite[] {
    return Array.from(this.#unclaimed.values(), ({ write }) => write).sort((a, b) => a.order - b.order)
  }

  /** A write is shown from now on. */
  claim(kept: KeptWrite, carrier: WriteCarrier): void {
    kept.carrier = carrier
    this.#unclaimed.delete(kept.write.txid)
  }

  find(txid: string): KeptWrite | undefined {
    return this.#kept.get(txid)
  }

  /** All of them, by order. */
  [Symbol.iterator](): Iterator<KeptWrite> {
    return this.#kept.values()
  }

  /** Makes `nextOrder` return places behind `order`. */
  startBehind(order: number): void {
    this.#lastOrder = Math.max(this.#lastOrder, order)
  }

  /** Returns the next place, behind all that were ever seen; of several tabs, by the time. */
  nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, Date.now() * 1000)
    return this.#lastOrder
  }

  /** Adds a write, at its place. */
  add(kept: KeptWrite): void {
    const { txid, order } = kept.write
    const isLast = order >= this.#lastAdded
    this.#lastAdded = Math.max(this.#lastAdded, order)
    this.#lastOrder = Math.max(this.#lastOrder, order)
    this.remove(txid)
    this.#kept.set(txid, kept)
    if (kept.carrier === undefined) this.#unclaimed.set(txid, kept)
    this.#length += lengthOf(kept.write)
    if (isLast) return
    this.#kept = new Map([...this.#kept].sort(([, left], [, right]) => left.write.order - right.write.order))
  }

  remove(txid: string): boolean {
    const kept = this.#kept.get(txid)
    if (kept === undefined) return false
    this.#length -= lengthOf(kept.write)
    this.#unclaimed.delete(txid)
    return this.#kept.delete(txid)
  }

  subscribe(run: () => void): () => void {
    return this.#listeners.subscribe(run)
  }

  /** Tells of changes. */
  changed(): void {
    this.#snapshot = undefined
    this.#listeners.notify()
  }

  #list(): StoredWrite[] {
    const writes: StoredWrite[] = []
    for (const { write } of this.#kept.values()) if (write.state.name !== 'withdrawn') writes.push(write)
    return writes
  }
}
