import type { StreamStorage } from '@streamdb/log'
import type { Codec } from './codec.ts'
import { createStorage } from './create-storage.ts'
import type { StorageOptions } from './create-storage.ts'
import { createIndexedDBBlocks } from './indexeddb-blocks.ts'
import { createStreamStore } from './stream-store.ts'

/** How rows are kept in the browser. */
export interface IndexedDBStorageOptions extends StorageOptions {
  /** The name of the IndexedDB database: one for all streams of the application. Default `streamdb`. */
  readonly name?: string | undefined
  /** Encrypts or compresses what is stored. */
  readonly codec?: Codec | undefined
}

/**
 * Returns a storage in the browser's IndexedDB, for the option `storage` of `createStreamDB`.
 *
 * Nothing is opened before a database is read. Where there is no IndexedDB (on a server, in some private windows), or it
 * fails, rows go on in memory: `db.storage.status` says so, and nothing throws.
 *
 * @example
 * ```ts
 * import { createStreamDB } from '@streamdb/db'
 *
 * const storage = indexedDBStorage({ user: 'ada' })
 * const db = createStreamDB({ streamOptions: { url }, state, storage })
 * ```
 */
export function indexedDBStorage(options: IndexedDBStorageOptions = {}): StreamStorage {
  const { name = 'streamdb', codec, ...rest } = options
  return createStorage(createStreamStore(createIndexedDBBlocks(name), { codec }), rest)
}
