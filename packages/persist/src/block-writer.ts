import { StreamDBError, turn } from '@streamdb/log'
import type { StoreCommit, StoredChange, StoredHead, StoredRow } from '@streamdb/log'
import type { Block, BlockChange, Blocks } from './blocks.ts'
import type { BlockFormat } from './codec.ts'
import { staleError } from './errors.ts'
import { RowLog } from './row-log.ts'
import {
  chunkPrefix,
  claimPrefix,
  FORMAT,
  formatKey,
  leaseKey,
  logPrefix,
  manifestKey,
  outboxPrefix,
} from './stored-manifest.ts'
import type { Manifest, Part } from './stored-manifest.ts'
import { CHUNK_LENGTH, inChunks, readChanges, readRows } from './stored-rows.ts'

/** So many blocks of changes are folded into few. */
const MOST_LOGS = 128

/** From so many kept changes on, and a quarter of the rows, they are put into the rows. */
const MOST_CHANGES = CHUNK_LENGTH

/** Blocks that are written: what makes them visible comes with the last of them. */
interface Written {
  readonly parts: readonly Part[]
  readonly next: number
  readonly last: readonly (readonly [key: string, block: Block])[]
}

/**
 * Writes rows and changes as blocks. Large ones are written block by block, in transactions of their own, and nobody
 * sees them before the manifest names them: that is one transaction, which also removes what it replaces.
 */
export class BlockWriter {
  readonly #blocks: Blocks
  readonly #format: BlockFormat

  constructor(blocks: Blocks, format: BlockFormat) {
    this.#blocks = blocks
    this.#format = format
  }

  /** Stores a commit behind `before`; returns the new manifest. Rejects with `storage-stale`. */
  async save(commit: StoreCommit, before: Manifest | undefined, epoch: number): Promise<Manifest> {
    const { replaces, changes, txids = [] } = commit
    const head: StoredHead = { ...commit.head, savedAt: Date.now() }
    const remove = await this.#outboxKeys([...txids])
    if (replaces || before === undefined) {
      if (!replaces) throw nothingStored()
      const first = before?.next ?? 0
      const { parts, next, last } = await this.#writeParts(
        chunkPrefix,
        inChunks(changes, isRow),
        first,
        epoch,
      )
      const manifest = { head, chunks: parts, log: [], next }
      const put = [...last, [formatKey, String(FORMAT)] as const]
      await this.#commit(manifest, { put, remove: [...remove, ...keysOf(before)] }, epoch)
      return manifest
    }
    const { parts, next, last } = await this.#writeParts(logPrefix, inChunks(changes), before.next, epoch)
    const manifest = { head, chunks: before.chunks, log: [...before.log, ...parts], next }
    await this.#commit(manifest, { put: last, remove }, epoch)
    return manifest
  }

  /** Brings what is stored into a better shape, where there are many changes; returns the manifest. */
  async tidy(manifest: Manifest, epoch: number): Promise<Manifest> {
    const kept = countOf(manifest.log)
    if (kept > MOST_CHANGES && kept > countOf(manifest.chunks) / 4) return this.#mergeLogs(manifest, epoch)
    return manifest.log.length > MOST_LOGS ? this.#foldLogs(manifest, epoch) : manifest
  }

  /** Removes blocks that no manifest names: a save that was not ended wrote them. */
  async removeOrphans(manifest: Manifest | undefined, epoch: number): Promise<void> {
    const known = new Set(keysOf(manifest))
    const keys = [...(await this.#blocks.list(chunkPrefix)), ...(await this.#blocks.list(logPrefix))]
    const orphans = keys.filter((key) => !known.has(key))
    if (orphans.length > 0) await this.#write({ remove: orphans }, epoch)
  }

  /** Puts the kept changes into the rows, chunk by chunk; those that no change touches stay as they are. */
  async #mergeLogs(before: Manifest, epoch: number): Promise<Manifest> {
    const chunks: Part[] = []
    const remove = before.log.map(([id]) => logPrefix + String(id))
    let { next } = before
    const write = async (rows: readonly StoredRow[]): Promise<void> => {
      for await (const [block, count] of this.#encode(rows)) {
        await this.#write({ put: [[chunkPrefix + String(next), block]], isPart: true }, epoch)
        chunks.push([next++, count])
        await turn()
      }
    }
    const merge = (await this.#readLogs(before)).merge()
    for (const part of before.chunks) {
      for await (const rows of readRows({ chunks: [part], log: [] }, this.#blocks, this.#format)) {
        const merged = merge.next(rows)
        if (merged === rows) chunks.push(part)
        else {
          remove.push(chunkPrefix + String(part[0]))
          if (merged.length > 0) await write(merged)
        }
      }
      await turn()
    }
    for (const rows of inChunks(merge.rest())) await write(rows)
    const manifest = { head: before.head, chunks, log: [], next }
    await this.#commit(manifest, { remove }, epoch)
    return manifest
  }

  /** Folds many small blocks of changes into few. */
  async #foldLogs(before: Manifest, epoch: number): Promise<Manifest> {
    const changes = (await this.#readLogs(before)).changes()
    const { parts, next, last } = await this.#writeParts(logPrefix, inChunks(changes), before.next, epoch)
    const manifest = { ...before, log: parts, next }
    await this.#commit(
      manifest,
      { put: last, remove: before.log.map(([id]) => logPrefix + String(id)) },
      epoch,
    )
    return manifest
  }

  async #readLogs({ log }: Manifest): Promise<RowLog> {
    const changes = new RowLog()
    for await (const part of readChanges(log, this.#blocks, this.#format)) {
      for (const change of part) changes.add(change)
    }
    return changes
  }

  async #writeParts(
    prefix: string,
    chunks: Iterable<readonly StoredChange[]>,
    first: number,
    epoch: number,
  ): Promise<Written> {
    const parts: Part[] = []
    let next = first
    let last: Written['last'] = []
    for (const chunk of chunks) {
      for await (const [block, count] of this.#encode(chunk)) {
        if (last.length > 0) {
          await this.#write({ put: last, isPart: true }, epoch)
          await turn()
        }
        last = [[prefix + String(next), block]]
        parts.push([next++, count])
      }
    }
    return { parts, next, last }
  }

  /** Yields a chunk as a block, or as several where no text is long enough for all of it; with how many each holds. */
  async *#encode(
    chunk: readonly StoredChange[],
  ): AsyncGenerator<readonly [block: Block, count: number], void> {
    let block: Block
    try {
      block = await this.#format.encode(chunk)
    } catch (error) {
      if (!(error instanceof RangeError) || chunk.length === 1) throw error
      const half = Math.ceil(chunk.length / 2)
      yield* this.#encode(chunk.slice(0, half))
      return yield* this.#encode(chunk.slice(half))
    }
    yield [block, chunk.length]
  }

  async #commit(manifest: Manifest, { put = [], remove }: BlockChange, epoch: number): Promise<void> {
    const block = await this.#format.encode(manifest)
    const change = { put: [...put, [manifestKey, block] as const], remove }
    // That there is no later claim needs no answer before all is said: the page may end with this task.
    const expect = [[claimPrefix + String(epoch + 1), undefined] as const]
    if (!(await this.#blocks.write({ ...change, expect }))) throw staleError(epoch)
  }

  async #write(change: BlockChange, epoch: number): Promise<void> {
    const isWritten = await this.#blocks.write({ ...change, expect: [[leaseKey, String(epoch)]] })
    if (!isWritten) throw staleError(epoch)
  }

  /** Returns the keys of these writes in the outbox; of many, only of those that are there. */
  async #outboxKeys(txids: readonly string[]): Promise<string[]> {
    const keys = txids.map((txid) => outboxPrefix + txid)
    if (keys.length < 20) return keys
    const kept = new Set(await this.#blocks.list(outboxPrefix))
    return keys.filter((key) => kept.has(key))
  }
}

function isRow(change: StoredChange): boolean {
  return change.length !== 2
}

function keysOf(manifest: Manifest | undefined): string[] {
  if (manifest === undefined) return []
  const { chunks, log } = manifest
  return [...chunks.map(([id]) => chunkPrefix + String(id)), ...log.map(([id]) => logPrefix + String(id))]
}

function countOf(parts: readonly Part[]): number {
  return parts.reduce((count, [, each]) => count + each, 0)
}

function nothingStored(): StreamDBError {
  return new StreamDBError(
    'storage-failed',
    'Saving changes failed: the rows that they are of are not stored',
  )
}
