import { expect, test } from 'vitest'
import { bytesCodec, storeChecks } from '../src/conformance/index.ts'
import { createStreamStore } from '../src/index.ts'
import type { Block, BlockChange, Blocks, BlockStore } from '../src/index.ts'

/** How a store is wrong. */
interface Fault {
  /** The key under which a stream's block is kept. */
  readonly toKey?: (id: string, key: string) => string
  readonly list?: (keys: readonly string[]) => readonly string[]
  readonly read?: (blocks: readonly (Block | undefined)[]) => readonly (Block | undefined)[]
  readonly put?: (block: Block) => Block
  readonly isExpected?: (found: Block | undefined, expected: Block | undefined) => boolean
  /** Looks, and changes later: another one may have changed it meanwhile. */
  readonly isRacing?: boolean
  /** What `write` resolves with where it made a change. */
  readonly written?: unknown
  /** Keeps blocks in an object of the store alone. */
  readonly isForgetful?: boolean
}

const toKey = (id: string, key: string): string => JSON.stringify([id, key])
const isSame = (a: Block | undefined, b: Block | undefined): boolean =>
  typeof a === 'object' && typeof b === 'object' ? Buffer.compare(a, b) === 0 : a === b

/** Returns what makes stores over one place. */
function storesWith(fault: Fault): () => BlockStore {
  const place = new Map<string, Block>()
  return () => {
    const blocks = fault.isForgetful === true ? new Map(place) : place
    return { open: (id) => Promise.resolve(openBlocks(blocks, id, fault)) }
  }
}

function openBlocks(blocks: Map<string, Block>, id: string, fault: Fault): Blocks {
  const keyOf = (key: string): string => (fault.toKey ?? toKey)(id, key)
  const names = new Map<string, string>()
  const apply = ({ put = [], remove = [] }: BlockChange): unknown => {
    for (const key of remove) blocks.delete(keyOf(key))
    for (const [key, block] of put) blocks.set(keyOf(key), (fault.put ?? ((each) => each))(block))
    return 'written' in fault ? fault.written : true
  }
  return {
    async *read(keys) {
      await Promise.resolve()
      yield* (fault.read ?? ((each) => each))(keys.map((key) => blocks.get(keyOf(key))))
    },
    list(prefix) {
      for (const key of blocks.keys()) {
        const own = key.startsWith('[') ? (JSON.parse(key) as [string, string]) : [id, key] // as it was made
        if (keyOf(own[1] ?? '') === key) names.set(key, own[1] ?? '')
      }
      const keys = [...names].filter(([key, name]) => blocks.has(key) && name.startsWith(prefix))
      return Promise.resolve((fault.list ?? ((each) => each))(keys.map(([, name]) => name)))
    },
    async write(change) {
      const isExpected = fault.isExpected ?? isSame
      const isRefused = (change.expect ?? []).some(
        ([key, block]) => !isExpected(blocks.get(keyOf(key)), block),
      )
      if (fault.isRacing === true) await new Promise((resolve) => setImmediate(resolve))
      return isRefused ? false : (apply(change) as boolean) // what the fault says
    },
    close: () => undefined,
  }
}

/** Returns the first check that finds the fault. */
async function failed(fault: Fault, codec?: typeof bytesCodec): Promise<string | undefined> {
  for (const { name, run } of storeChecks) {
    const make = storesWith(fault)
    const again = (): ReturnType<typeof createStreamStore> => createStreamStore(make(), { codec })
    const isPassed = await run(again(), again).then(
      () => true,
      () => false,
    )
    if (!isPassed) return name
  }
  return undefined
}

test('[S2] [S3] a store that does what it must passes the checks, with text and with bytes', async () => {
  expect([await failed({}), await failed({}, bytesCodec)]).toEqual([undefined, undefined])
})

test.each<[string, Fault]>([
  ['takes letters of any case for the same', { toKey: (id, key) => toKey(id, key).toLowerCase() }],
  ['takes spaces at the end for none', { toKey: (id, key) => toKey(id.trimEnd(), key.trimEnd()) }],
  ['takes two forms of a letter for the same', { toKey: (id, key) => toKey(id, key).normalize() }],
  ['cuts names off', { toKey: (id, key) => toKey(id.slice(0, 250), key.slice(0, 250)) }],
  ['lists the first thousand keys', { list: (keys) => keys.slice(0, 1000) }],
  ['leaves absent blocks out', { read: (blocks) => blocks.filter((block) => block !== undefined) }],
  ['looks, and changes later', { isRacing: true }],
  ['expects nothing', { isExpected: () => true }],
  ['looks only whether there is a block', { isExpected: (a, b) => (a === undefined) === (b === undefined) }],
  ['does not say that a change was made', { written: undefined }],
  ['keeps blocks in its own memory', { isForgetful: true }],
  ['cuts large blocks off', { put: (block) => block.slice(0, 100_000) }],
])('[S2] [S3] the checks find a store that %s', async (_name, fault) => {
  expect(await failed(fault)).toBeDefined()
})

test.each<[string, Fault]>([
  [
    'makes text of bytes',
    { put: (block) => (typeof block === 'string' ? block : new TextDecoder().decode(block)) },
  ],
  [
    'compares bytes by identity',
    { read: (blocks) => blocks.map((block) => block?.slice()), isExpected: (a, b) => a === b },
  ],
])('[S2] [S7] the checks find a store that %s, with a codec', async (_name, fault) => {
  expect(await failed(fault, bytesCodec)).toBeDefined()
})
