import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StreamDBError } from '@streamdb/log'
import type { Block, BlockChange } from '../blocks.ts'
import { isSame } from '../memory-blocks.ts'
import { toRecord } from './journal-record.ts'
import type { EncodedBlock } from './journal-record.ts'
import { MAGIC, readBytes, scanJournal } from './scan-journal.ts'
import type { Description } from './scan-journal.ts'

// A journal is one file: a change is appended to it, and is made when all of it is in. A file that was cut at any byte
// begins with a whole journal; what does not add up behind that is cut off when it is opened. Where changes follow behind
// what does not add up, the file is damaged: these are taken, and whoever opens it is told.

/** From so many bytes of no use on, and more than are in use, the file is written anew. */
const MOST_GARBAGE = 4 * 1024 * 1024

/** So many bytes are kept to encode blocks into. */
const MOST_SCRATCH = 16 * 1024 * 1024

/** Where a block lies in the file. */
interface Place {
  readonly at: number
  readonly length: number
  readonly isText: boolean
}

/** Blocks in a file; changes are made one after the other, each wholly or not. */
export class Journal {
  readonly #path: string
  #file: FileHandle
  #places = new Map<string, Place>()
  #end = MAGIC.length
  #used = 0
  #mostGarbage = MOST_GARBAGE
  #isDamaged = false
  #queue: Promise<unknown> = Promise.resolve()
  #scratch: Buffer = Buffer.alloc(0)

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /** Opens the journal of a path, or begins it. Throws `storage-newer` for a file of another format. */
  static async open(path: string): Promise<Journal> {
    // What was not renamed was not ended.
    await rm(`${path}.new`, { force: true })
    const file = await open(path, 'a+').then(async (created) => {
      await created.close()
      return open(path, 'r+')
    })
    const journal = new Journal(path, file)
    try {
      await journal.#scan()
      return journal
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Changes were missing in the middle of the file when it was opened: blocks may be absent, or older than they were. */
  get isDamaged(): boolean {
    return this.#isDamaged
  }

  /** Reads blocks as they are now. */
  async read(keys: readonly string[]): Promise<(Block | undefined)[]> {
    return this.#inTurn(async () => {
      const blocks: (Block | undefined)[] = []
      for (const key of keys) {
        const place = this.#places.get(key)
        blocks.push(place && (await this.#readAt(place)))
      }
      return blocks
    })
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.#inTurn(() =>
      Promise.resolve([...this.#places.keys()].filter((key) => key.startsWith(prefix))),
    )
  }

  write({
    put = [],
    remove = [],
    expect = [],
    isPart = false,
    isErased = false,
  }: BlockChange): Promise<boolean> {
    return this.#inTurn(async () => {
      for (const [key, block] of expect) {
        const place = this.#places.get(key)
        if (!isSame(place && (await this.#readAt(place)), block)) return false
      }
      await this.#append(
        this.#encode(put),
        remove.filter((key) => this.#places.has(key)),
        isPart,
      )
      if (isErased) await this.#erase()
      else if (this.#garbage > Math.max(this.#mostGarbage, this.#used)) await this.#tidy()
      return true
    })
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#file.close())
  }

  /** Returns the bytes of blocks; those of texts are good until the next call. */
  #encode(put: NonNullable<BlockChange['put']>): EncodedBlock[] {
    const most = put.reduce((sum, [, block]) => sum + (typeof block === 'string' ? block.length * 3 : 0), 0)
    // A large one is not kept for the next time.
    if (most > MOST_SCRATCH)
      return put.map(([key, block]) => ({
        key,
        bytes: Buffer.from(block),
        isText: typeof block === 'string',
      }))
    // To allocate half a megabyte for every chunk costs as much as to encode it.
    if (most > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(most)
    let end = 0
    return put.map(([key, block]) => {
      if (typeof block !== 'string') return { key, bytes: Buffer.from(block), isText: false }
      const start = end
      end += this.#scratch.write(block, start)
      return { key, bytes: this.#scratch.subarray(start, end), isText: true }
    })
  }

  async #append(blocks: readonly EncodedBlock[], remove: readonly string[], isPart: boolean): Promise<void> {
    const record = toRecord(blocks, remove)
    try {
      await writeAll(this.#file, record.buffers, this.#end)
      // The change that it is a part of comes behind it in this file, and is not synced without it.
      if (!isPart) await this.#file.datasync()
    } catch (error) {
      // A part of it may be in the file, and must not come before the next one.
      await this.#file.truncate(this.#end).catch(() => undefined)
      throw error
    }
    this.#apply(record.description, this.#end + record.headLength)
    this.#end += record.length
  }

  /** Takes note of a change whose blocks lie at `at`. */
  #apply({ put, remove }: Description, at: number): void {
    for (const key of remove) this.#forget(key)
    let place = at
    for (const [key, length, isText] of put) {
      this.#forget(key)
      this.#places.set(key, { at: place, length, isText })
      this.#used += length
      place += length
    }
  }

  #forget(key: string): void {
    this.#used -= this.#places.get(key)?.length ?? 0
    this.#places.delete(key)
  }

  get #garbage(): number {
    return this.#end - this.#used
  }

  /** Writes the file anew, without what was removed. */
  async #erase(): Promise<void> {
    try {
      await this.#rewrite()
    } catch (error) {
      // Somebody has removed the directory.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // of a file operation
    }
  }

  /** Writes the file anew, to take less room; there may be none for that, and what is stored is stored all the same. */
  async #tidy(): Promise<void> {
    try {
      await this.#rewrite()
      this.#mostGarbage = MOST_GARBAGE
    } catch {
      // Not with each change: all of the blocks are read for it.
      this.#mostGarbage = 2 * this.#garbage
    }
  }

  /** Reads all changes of the file, and cuts off what was not ended. */
  async #scan(): Promise<void> {
    const { size } = await this.#file.stat()
    if (size < MAGIC.length) {
      await this.#file.truncate(0)
      await writeAll(this.#file, [MAGIC], 0)
      await this.#file.datasync()
      await syncDirectory(this.#path)
      return
    }
    const magic = (await readBytes(this.#file, 0, MAGIC.length)).toString('latin1')
    if (/^SDBJRNL[2-9]$/.test(magic)) {
      const what = `${this.#path} has another format than this version of @streamdb/persist reads`
      throw new StreamDBError('storage-newer', `${what}: it is left as it is`)
    }
    const scanned = await scanJournal(this.#file, size, (description, at) => this.#apply(description, at))
    this.#end = scanned.end
    this.#isDamaged = scanned.isDamaged
    if (this.#end < size) await this.#file.truncate(this.#end)
  }

  /** Writes what is in use into a new file, which then takes the place of this one. */
  async #rewrite(): Promise<void> {
    const path = `${this.#path}.new`
    const file = await open(path, 'w+')
    const next = new Journal(this.#path, file)
    try {
      await writeAll(file, [MAGIC], 0)
      for (const [key, place] of this.#places) {
        const bytes = await readBytes(this.#file, place.at, place.length)
        const record = toRecord([{ key, bytes, isText: place.isText }], [])
        await writeAll(file, record.buffers, next.#end)
        next.#apply(record.description, next.#end + record.headLength)
        next.#end += record.length
      }
      await file.sync()
      await rename(path, this.#path)
    } catch (error) {
      await file.close()
      await rm(path, { force: true })
      throw error
    }
    const before = this.#file
    this.#file = file
    this.#places = next.#places
    this.#end = next.#end
    this.#used = next.#used
    await syncDirectory(this.#path)
    // Nothing of it counts any more.
    await before.close().catch(() => undefined)
  }

  async #readAt({ at, length, isText }: Place): Promise<Block> {
    const bytes = await readBytes(this.#file, at, length)
    return isText ? bytes.toString('utf8') : new Uint8Array(bytes)
  }

  #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(run)
    this.#queue = done.catch(() => undefined)
    return done
  }
}

async function writeAll(file: FileHandle, buffers: readonly Buffer[], at: number): Promise<void> {
  let left = buffers.filter((buffer) => buffer.length > 0)
  let written = 0
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left, at + written)
    written += bytesWritten
    while (left[0] !== undefined && bytesWritten >= left[0].length) {
      bytesWritten -= left[0].length
      left = left.slice(1)
    }
    if (left[0] !== undefined && bytesWritten > 0) left = [left[0].subarray(bytesWritten), ...left.slice(1)]
  }
}

/** Makes a new name in a directory outlive a loss of power; some systems have no such thing. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r').catch(() => undefined)
  await directory?.sync().catch(() => undefined)
  await directory?.close()
}
