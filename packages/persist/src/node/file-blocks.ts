import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Blocks, BlockStore } from '../blocks.ts'
import { afterDamage } from '../damaged-blocks.ts'
import { leaseKey } from '../stored-manifest.ts'
import { takeLock } from './file-lock.ts'
import { Journal } from './journal.ts'

const journals: unique symbol = Symbol.for('@streamdb/persist journals 1')

/** A journal that is open, for all who use it in this process. */
interface OpenJournal {
  users: number
  readonly opened: Promise<{ readonly journal: Journal; readonly release: () => Promise<void> }>
}

/** The journals of a process, by path. */
interface Journals {
  readonly open: Map<string, OpenJournal>
  /** Those that are being closed: their files are free when these resolve. */
  readonly closing: Map<string, Promise<void>>
}

// For all copies of this module: bundlers of servers make several, and two journals of one file would overwrite each other.
const registry = globalThis as { [journals]?: Journals } // nobody else has this symbol
const { open, closing } = (registry[journals] ??= { open: new Map(), closing: new Map() })

/** Returns a store of blocks in files of a directory, which is made where it is absent: one journal for each stream. */
export function createFileBlocks(directory: string): BlockStore {
  return {
    async open(id) {
      const name = createHash('sha256').update(id).digest('hex').slice(0, 32)
      const path = join(resolve(directory), `${name}.journal`)
      // While it was waited for, another one may have been opened and closed.
      while (closing.has(path)) await closing.get(path)
      let entry = open.get(path)
      if (entry === undefined) open.set(path, (entry = { users: 0, opened: openJournal(path) }))
      entry.users++
      try {
        const { journal } = await entry.opened
        return toBlocks(
          journal,
          once(() => leave(path, entry)),
        )
      } catch (error) {
        if (open.get(path) === entry) open.delete(path)
        throw error
      }
    },
    persist: () => Promise.resolve(true),
  }
}

async function openJournal(path: string): ReturnType<() => OpenJournal['opened']> {
  await mkdir(join(path, '..'), { recursive: true })
  const release = await takeLock(`${path}.lock`)
  try {
    const journal = await Journal.open(path)
    try {
      if (journal.isDamaged) await journal.write(afterDamage(await journal.list(''), await leaseOf(journal)))
    } catch (error) {
      await journal.close()
      throw error
    }
    return { journal, release }
  } catch (error) {
    await release()
    throw error
  }
}

async function leaseOf(journal: Journal): Promise<string | undefined> {
  const [lease] = await journal.read([leaseKey])
  return typeof lease === 'string' ? lease : undefined
}

function leave(path: string, entry: OpenJournal): void {
  entry.users--
  if (entry.users > 0) return
  open.delete(path)
  const closed = entry.opened
    .then(async ({ journal, release }) => {
      try {
        await journal.close()
      } finally {
        await release()
      }
    })
    .catch(() => undefined)
    .finally(() => {
      if (closing.get(path) === closed) closing.delete(path)
    })
  closing.set(path, closed)
}

function toBlocks(journal: Journal, close: () => void): Blocks {
  return {
    async *read(keys) {
      yield* await journal.read(keys)
    },
    list: (prefix) => journal.list(prefix),
    write: (change) => journal.write(change),
    close,
  }
}

function once(run: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) run()
    isDone = true
  }
}
