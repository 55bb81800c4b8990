import type { Batch } from '@streamdb/log'
import { beginOf, endOf, isSamePosition } from './position.ts'
import type { TabPosition } from './position.ts'

/** How many items are kept in any case, and at most; and for how long those between, in milliseconds. */
const FEW = 1_000
const MANY = 50_000
const LATELY = 10_000

/** What was delivered lately, for tabs that begin to follow, or that have missed some; who missed more reads the store. */
export class NewsLog {
  #entries: { readonly batch: Batch; readonly at: number }[] = []
  #items = 0

  get last(): Batch | undefined {
    return this.#entries.at(-1)?.batch
  }

  add(batch: Batch): void {
    const now = Date.now()
    this.#entries.push({ batch, at: now })
    this.#items += batch.items.length + 1
    let old = 0
    for (const { batch: first, at } of this.#entries) {
      if (this.#items <= FEW || (this.#items <= MANY && now - at < LATELY)) break
      this.#items -= first.items.length + 1
      old++
    }
    if (old > 0) this.#entries.splice(0, old)
  }

  clear(): void {
    this.#entries = []
    this.#items = 0
  }

  /** Returns what was delivered behind `position`, up to `end`; nothing where that is not known. */
  after(position: TabPosition, end: TabPosition): readonly Batch[] | undefined {
    const batches = this.#entries.map(({ batch }) => batch)
    return batchesAfter(batches, position, end)
  }
}

/** Returns the batches behind `position`, of batches that end at `end`; nothing where they do not tell. */
export function batchesAfter(
  batches: readonly Batch[],
  position: TabPosition,
  end: TabPosition,
): readonly Batch[] | undefined {
  if (isSamePosition(position, end)) return []
  for (let index = batches.length - 1; index >= 0; index--) {
    const batch = batches[index]
    if (batch === undefined) continue
    if (isSamePosition(endOf(batch), position)) return batches.slice(index + 1)
    if (isSamePosition(beginOf(batch), position)) return batches.slice(index)
  }
  return undefined
}
