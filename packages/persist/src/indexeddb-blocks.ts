import { StreamDBError } from '@streamdb/log'
import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import type { Block, Blocks, BlockStore } from './blocks.ts'
import { isSame } from './memory-blocks.ts'

/** Blocks by stream and key. */
interface BlockSchema extends DBSchema {
  readonly blocks: { readonly key: [stream: string, key: string]; readonly value: Block }
}

type Database = IDBPDatabase<BlockSchema>

/** The layout of the database; another one has another number. */
const LAYOUT = 1

/** Behind every key. */
const LAST = '\uffff'

/** Returns a store of blocks in an IndexedDB database of this name: one object store for all streams. */
export function createIndexedDBBlocks(name: string): BlockStore {
  return {
    async open(id) {
      const lost = new Set<(error: Error) => void>()
      const lose = (message: string): void => {
        const listeners = [...lost]
        lost.clear()
        for (const listener of listeners) listener(new Error(message))
      }
      const db = await openDB<BlockSchema>(name, LAYOUT, {
        upgrade: (database) => void database.createObjectStore('blocks'),
        // Another tab has a newer version of this library, or deletes the database: it is not to wait for this one.
        blocking: () => {
          db.close()
          lose(
            'another tab asked for the database: a newer version of the application, or one that deletes it',
          )
        },
        terminated: () => lose('the browser closed the database'),
      }).catch(asNewer(name))
      return openBlocks(db, id, lost)
    },
    sharedAs: name,
    persist: askToPersist,
  }
}

/** A layout that this version does not know is left as it is. */
function asNewer(name: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DOMException) || error.name !== 'VersionError') throw error
    const what = `The database "${name}" has a newer layout than this version of @streamdb/persist reads`
    throw new StreamDBError('storage-newer', `${what}: it is left as it is`, { cause: error })
  }
}

function openBlocks(db: Database, id: string, lost: Set<(error: Error) => void>): Blocks {
  return {
    async *read(keys) {
      // All requests at once, in one transaction: what comes back is of one moment, however slowly it is taken.
      const store = db.transaction('blocks').store
      const requests = keys.map((key) => store.get([id, key]))
      for (const request of requests) request.catch(() => undefined)
      for (const request of requests) yield await request
    },
    async list(prefix) {
      const keys = await db.getAllKeys('blocks', IDBKeyRange.bound([id, prefix], [id, prefix + LAST]))
      return keys.map(([, key]) => key)
    },
    async write({ put = [], remove = [], expect = [] }) {
      // What is stored is a copy of what the log has: the disk need not be waited for.
      const transaction = db.transaction('blocks', 'readwrite', { durability: 'relaxed' })
      // Rejects with the transaction, which each request says as well.
      transaction.done.catch(() => undefined)
      const { store } = transaction
      const present = expect.filter(([, block]) => block !== undefined)
      const absent = expect.filter(([, block]) => block === undefined)
      const found = present.map(([key]) => store.get([id, key]))
      for (const request of found) request.catch(() => undefined)
      for (const [index, [, block]] of present.entries()) {
        if (isSame(await found[index], block)) continue
        transaction.abort()
        return false
      }
      const requests = [
        // Adding what is there aborts the transaction: nobody need live to see it.
        ...absent.map(([key]) => store.add('', [id, key])),
        ...absent.map(([key]) => store.delete([id, key])),
        ...remove.map((key) => store.delete([id, key])),
        ...put.map(([key, block]) => store.put(block, [id, key])),
      ]
      for (const request of requests) (request as Promise<unknown>).catch(() => undefined) // whichever it is
      // All is said: a page that ends now need not live to see the last request succeed.
      transaction.commit()
      try {
        await transaction.done
        return true
      } catch (error) {
        // Browsers differ in what they say of a transaction that was committed and failed.
        for (const [key] of absent) if ((await db.getKey('blocks', [id, key])) !== undefined) return false
        throw error
      }
    },
    onLost(listener) {
      lost.add(listener)
      return () => void lost.delete(listener)
    },
    close() {
      lost.clear()
      db.close()
    },
  }
}

/** Asks the browser not to remove what this origin stores when space is short. */
async function askToPersist(): Promise<boolean> {
  const { navigator } = globalThis as { navigator?: { storage?: { persist?: () => Promise<boolean> } } } // in browsers
  return (await navigator?.storage?.persist?.()) ?? false
}
