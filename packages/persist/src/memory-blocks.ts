import type { Block, Blocks, BlockStore } from './blocks.ts'

/** Returns a store that lives as long as it is held: for tests, and to keep rows from one database to the next. */
export function createMemoryBlocks(): BlockStore {
  const streams = new Map<string, Map<string, Block>>()
  return {
    open(id) {
      let blocks = streams.get(id)
      if (blocks === undefined) streams.set(id, (blocks = new Map<string, Block>()))
      return Promise.resolve(openBlocks(blocks))
    },
    persist: () => Promise.resolve(false),
  }
}

function openBlocks(blocks: Map<string, Block>): Blocks {
  return {
    // oxlint-disable-next-line typescript/require-await -- all of it is here already
    async *read(keys) {
      const found = keys.map((key) => blocks.get(key))
      yield* found
    },
    list: (prefix) => Promise.resolve([...blocks.keys()].filter((key) => key.startsWith(prefix))),
    write({ put = [], remove = [], expect = [] }) {
      if (!expect.every(([key, block]) => isSame(blocks.get(key), block))) return Promise.resolve(false)
      for (const key of remove) blocks.delete(key)
      for (const [key, block] of put) blocks.set(key, block)
      return Promise.resolve(true)
    },
    close: () => undefined,
  }
}

/** Tells whether two blocks hold the same. */
export function isSame(a: Block | undefined, b: Block | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
