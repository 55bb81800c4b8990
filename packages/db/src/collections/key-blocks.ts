/** Compares a key, with its value, to a key that is there: negative where it comes before it. */
export type ComparePlace<Key, Value> = (key: Key, value: Value, other: Key) => number

/** Above it a block is cut in two: what an insertion moves is a part of so many keys. */
const MOST = 1024

/** Below it a block becomes a part of its neighbour. */
const LEAST = 128

/**
 * Keys in some order, in blocks: to insert or remove one moves a part of its block, and not all keys behind it.
 *
 * The order is the caller's: no two keys are in the same place, and a key's place is the same until it is removed.
 */
export class KeyBlocks<Key, Value> {
  readonly #compare: ComparePlace<Key, Value>
  // None of them is empty.
  readonly #blocks: Key[][] = []

  /** `sorted`: the keys that are there, in their order. */
  constructor(sorted: readonly Key[], compare: ComparePlace<Key, Value>) {
    this.#compare = compare
    for (let start = 0; start < sorted.length; start += MOST / 2)
      this.#blocks.push(sorted.slice(start, start + MOST / 2))
  }

  /** Inserts a key that is not there. */
  insert(key: Key, value: Value): void {
    const blocks = this.#blocks
    // The last block takes what comes behind all keys.
    const index = Math.min(this.#blockOf(key, value), blocks.length - 1)
    const block = blocks[index]
    if (block === undefined) {
      blocks.push([key])
      return
    }
    block.splice(this.#placeIn(block, key, value), 0, key)
    if (block.length <= MOST) return
    // Keys that come in order leave full blocks behind.
    const isEnd = index === blocks.length - 1 && block.at(-1) === key
    blocks.splice(index + 1, 0, block.splice(isEnd ? MOST : MOST / 2))
  }

  /** Removes a key; `value`: the one that it was inserted with. */
  remove(key: Key, value: Value): void {
    let index = this.#blockOf(key, value)
    let block = this.#blocks[index]
    let at = block === undefined ? -1 : this.#placeIn(block, key, value)
    if (block?.[at] !== key) {
      // A value that was changed in place has another place now.
      index = this.#blocks.findIndex((each) => each.includes(key))
      block = this.#blocks[index]
      at = block?.indexOf(key) ?? -1
    }
    if (block === undefined) return
    block.splice(at, 1)
    if (block.length < LEAST) this.#join(index, block)
  }

  *[Symbol.iterator](): Generator<Key, void> {
    for (const block of this.#blocks) for (const key of block) yield key
  }

  /** Makes a small block a part of the next one, or of the one before. */
  #join(index: number, block: readonly Key[]): void {
    const next = this.#blocks[index + 1]
    const before = this.#blocks[index - 1]
    if (next !== undefined && next.length <= MOST / 2) next.unshift(...block)
    else if (before !== undefined && before.length <= MOST / 2) before.push(...block)
    else if (block.length > 0) return
    this.#blocks.splice(index, 1)
  }

  /** Returns the first block whose last key is not before this one. */
  #blockOf(key: Key, value: Value): number {
    const blocks = this.#blocks
    const last = blocks.at(-1)?.at(-1)
    // What comes behind all keys is found at once.
    if (last !== undefined && this.#compare(key, value, last) > 0) return blocks.length
    let from = 0
    let to = blocks.length
    while (from < to) {
      const middle = (from + to) >> 1
      const block = blocks[middle] ?? []
      const end = block[block.length - 1]
      if (end !== undefined && this.#compare(key, value, end) > 0) from = middle + 1
      else to = middle
    }
    return from
  }

  #placeIn(block: readonly Key[], key: Key, value: Value): number {
    let from = 0
    let to = block.length
    while (from < to) {
      const middle = (from + to) >> 1
      const other = block[middle]
      if (other !== undefined && this.#compare(key, value, other) > 0) from = middle + 1
      else to = middle
    }
    return from
  }
}
