import type { Batch } from '../batch-source.ts'
import { hashItems } from './format.ts'
import type { SnapshotEntry, SnapshotOverlap } from './format.ts'

/** What becomes of a batch that begins before the snapshot's offset. */
export type OverlapVerdict =
  /** What is left of it, to be taken in. */
  | { readonly type: 'batch'; readonly batch: Batch }
  /** All of it lies before the snapshot's offset, and more follows. */
  | { readonly type: 'nothing' }
  /** The log is another one than that which the snapshot was made of. */
  | { readonly type: 'differs' }

/** Compares the items right before a snapshot's offset with what its entry says of them, and drops them. */
export class OverlapCheck {
  readonly #offset: string
  readonly #overlap: SnapshotOverlap
  // Items of complete responses.
  #base = 0
  readonly #items: unknown[] = []
  #isEqual = false

  constructor({ offset }: Pick<SnapshotEntry, 'offset'>, overlap: SnapshotOverlap) {
    this.#offset = offset
    this.#overlap = overlap
  }

  /** Whether there is nothing left to compare. */
  get isOver(): boolean {
    return this.#base >= this.#overlap.items
  }

  /** Takes the next batch of the log; a part that broke off may come again. */
  take(batch: Batch): OverlapVerdict {
    const { items, first, from, complete, upToDate } = batch
    const { items: count, hash } = this.#overlap
    // How many items of this response lie before the snapshot's offset.
    const dropped = Math.max(0, count - this.#base)
    for (const [index, item] of items.entries()) {
      const at = this.#base + first + index
      if (at === this.#items.length && at < count) this.#items.push(item)
    }
    const isKnown = this.#items.length === count
    // Once: a large response comes in many parts.
    if (isKnown && !this.#isEqual && hashItems(this.#items) !== hash) return { type: 'differs' }
    this.#isEqual = isKnown
    if (!isKnown && complete && upToDate) return { type: 'differs' }
    if (complete) this.#base += first + items.length
    if (!isKnown || (first + items.length <= dropped && !complete)) return { type: 'nothing' }
    const rest = {
      ...batch,
      items: items.slice(Math.max(0, dropped - first)),
      first: Math.max(0, first - dropped),
      from: dropped > 0 ? this.#offset : from,
    }
    return { type: 'batch', batch: rest }
  }
}
