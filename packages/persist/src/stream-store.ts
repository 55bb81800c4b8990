import type { OpenStore, StoreCommit, StoredContent, StoredHead, StoredRow, StreamStore } from '@streamdb/log'
import type { Block, BlockChange, Blocks, BlockStore } from './blocks.ts'
import { BlockWriter } from './block-writer.ts'
import { checkCodec } from './check-options.ts'
import { corrupt, createBlockFormat } from './codec.ts'
import type { BlockFormat, Codec } from './codec.ts'
import { MOST_ATTEMPTS, refusedError, staleError, toStorageError } from './errors.ts'
import { limitBlocks } from './limited-store.ts'
import { createStoredOutbox } from './stored-outbox.ts'
import {
  assertFormat,
  claimPrefix,
  formatKey,
  leaseKey,
  manifestKey,
  outboxPrefix,
  toManifest,
} from './stored-manifest.ts'
import type { Manifest } from './stored-manifest.ts'
import { ChangedMeanwhile, readRows } from './stored-rows.ts'

/** How many claims are kept by themselves: who saves at once sees by the one after its own that it is not the last. */
const CLAIMS = 1000

/** How a store keeps streams. */
export interface StreamStoreOptions {
  /** Encrypts or compresses what is stored. */
  readonly codec?: Codec | undefined
}

/**
 * Returns a store of streams in a store of blocks: what a block store of one's own becomes. Throws `invalid-options` for a
 * codec that does not both encode and decode.
 */
export function createStreamStore(store: BlockStore, { codec }: StreamStoreOptions = {}): StreamStore {
  checkCodec(codec)
  const format = createBlockFormat(codec)
  return {
    async open(id) {
      const blocks = limitBlocks(await guard('Opening the store failed', () => store.open(id)))
      const opened = new BlockStreamStore(blocks, format)
      try {
        await opened.assertFormat()
        return opened
      } catch (error) {
        blocks.close()
        throw toStorageError(error, 'Opening the store failed')
      }
    },
    ...(store.sharedAs !== undefined && { sharedAs: store.sharedAs }),
    isEncoded: codec !== undefined,
    ...(store.persist && { persist: store.persist }),
  }
}

/** One stream in blocks. */
class BlockStreamStore implements OpenStore {
  readonly outbox: OpenStore['outbox']
  readonly #blocks: Blocks
  readonly #format: BlockFormat
  readonly #writer: BlockWriter
  // What was written here last, if that is known; a tab that writes later has a newer epoch.
  #written: { readonly manifest: Manifest | undefined } | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(blocks: Blocks, format: BlockFormat) {
    this.#blocks = blocks
    this.#format = format
    this.#writer = new BlockWriter(blocks, format)
    this.outbox = createStoredOutbox(blocks, format)
  }

  async assertFormat(): Promise<void> {
    assertFormat(await this.#get(formatKey))
  }

  readHead(): Promise<StoredHead | undefined> {
    return guard('Reading the store failed', async () => (await this.#readManifest())?.head)
  }

  load(): Promise<StoredContent | undefined> {
    return guard('Reading stored rows failed', () => this.#read())
  }

  save(commit: StoreCommit, epoch: number): Promise<void> {
    return this.#inTurn('Saving rows failed', async () => {
      const before = this.#written ?? { manifest: await this.#readBefore(epoch) }
      // What fails in the middle is read from the store again.
      this.#written = undefined
      const saved = await this.#writer.save(commit, before.manifest, epoch)
      this.#written = { manifest: await this.#writer.tidy(saved, epoch) }
    })
  }

  claim(): Promise<number> {
    const claimed = this.#inTurn('Claiming the store failed', async () => {
      this.#written = undefined
      return this.#nextEpoch(() => Promise.resolve({}))
    })
    // Meanwhile, so that the first save has nothing to read: the page may be left right after it has something to save.
    claimed.then(
      (epoch) => this.#inTurn('Reading the store failed', () => this.#prepare(epoch)).catch(() => undefined),
      () => undefined,
    )
    return claimed
  }

  currentEpoch(): Promise<number> {
    return guard('Reading the store failed', async () => toEpoch(await this.#get(leaseKey)))
  }

  clear(): Promise<void> {
    return this.#inTurn('Clearing the store failed', async () => {
      this.#written = undefined
      // Whoever saves knows of blocks that are gone then: it is not to name them again.
      await this.#nextEpoch(async () => {
        const keys = await this.#blocks.list('')
        return {
          remove: keys.filter((key) => key !== leaseKey && !key.startsWith(claimPrefix)),
          isErased: true,
        }
      })
    })
  }

  size(): ReturnType<OpenStore['size']> {
    return guard('Measuring the store failed', async () => {
      const content = await this.#read()
      let rows = 0
      let bytes = 0
      for await (const chunk of content?.rows ?? []) rows += chunk.length
      const keys = await this.#blocks.list('')
      for await (const block of this.#blocks.read(keys)) bytes += block?.length ?? 0
      return { rows, bytes, writes: keys.filter((key) => key.startsWith(outboxPrefix)).length }
    })
  }

  onLost(listener: (error: Error) => void): () => void {
    return this.#blocks.onLost?.(listener) ?? (() => undefined)
  }

  close(): void {
    void this.#queue.then(() => this.#blocks.close())
  }

  /** Makes a change that ends the epoch before; returns the new one. */
  async #nextEpoch(toChange: () => Promise<Pick<BlockChange, 'remove' | 'isErased'>>): Promise<number> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const { remove = [], isErased } = await toChange()
      const before = await this.#get(leaseKey)
      const epoch = toEpoch(before) + 1
      const change: BlockChange = {
        put: [
          [leaseKey, String(epoch)],
          [claimPrefix + String(epoch), ''],
        ],
        remove: [...remove, claimPrefix + String(epoch - CLAIMS)],
        expect: [[leaseKey, before]],
        isErased,
      }
      if (await this.#blocks.write(change)) return epoch
    }
    throw refusedError()
  }

  async #prepare(epoch: number): Promise<void> {
    this.#written ??= { manifest: await this.#readBefore(epoch) }
  }

  async #readBefore(epoch: number): Promise<Manifest | undefined> {
    if (toEpoch(await this.#get(leaseKey)) !== epoch) throw staleError(epoch)
    const manifest = await this.#readManifest().catch(ignoreCorrupt)
    await this.#writer.removeOrphans(manifest, epoch)
    return manifest
  }

  async #read(): Promise<StoredContent | undefined> {
    let before: number | undefined
    for (;;) {
      const manifest = await this.#readManifest()
      if (manifest === undefined) return undefined
      // It names the same blocks as the one before, and they are not there.
      if (manifest.next === before) throw corrupt('a part of them is missing')
      before = manifest.next
      const rows = readRows(manifest, this.#blocks, this.#format)
      try {
        // What another tab wrote meanwhile shows at the first of them, before anything is given out.
        const first = await rows.next()
        return { head: manifest.head, rows: continued(first, rows) }
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile)) throw error
      }
    }
  }

  async #readManifest(): Promise<Manifest | undefined> {
    const block = await this.#get(manifestKey)
    return block === undefined ? undefined : toManifest(await this.#format.decode(block, manifestKey))
  }

  async #get(key: string): Promise<Block | undefined> {
    for await (const block of this.#blocks.read([key])) return block
    return undefined
  }

  /** Runs what changes the store behind what does so already. */
  #inTurn<Value>(what: string, run: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(() => guard(what, run))
    this.#queue = done.catch(() => undefined)
    return done
  }
}

async function* continued(
  first: IteratorResult<readonly StoredRow[], void>,
  rows: AsyncGenerator<readonly StoredRow[], void>,
): AsyncGenerator<readonly StoredRow[], void> {
  if (first.done === true) return
  yield first.value
  try {
    yield* rows
  } catch (error) {
    throw toStorageError(error, 'Reading stored rows failed')
  }
}

/** What does not add up is written anew, and its blocks are removed. */
function ignoreCorrupt(error: unknown): undefined {
  if (toStorageError(error, '').code !== 'storage-corrupt') throw error
}

function toEpoch(block: Block | undefined): number {
  const epoch = Number(block ?? 0)
  return Number.isSafeInteger(epoch) ? epoch : 0
}

async function guard<Value>(what: string, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (error) {
    throw toStorageError(error, what)
  }
}
