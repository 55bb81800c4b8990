import type { StreamStorage } from '@streamdb/log'
import type { Codec } from './codec.ts'
import { createStorage } from './create-storage.ts'
import type { StorageOptions } from './create-storage.ts'
import { createMemoryBlocks } from './memory-blocks.ts'
import { createStreamStore } from './stream-store.ts'

/** How rows are kept in memory. */
export interface MemoryStorageOptions extends StorageOptions {
  /** Encrypts or compresses what is stored. */
  readonly codec?: Codec | undefined
}

/**
 * Returns a storage that lives as long as it is held: databases that are given the same one start with what the one
 * before them has read. For tests, and for servers that make a database for each request.
 *
 * @example
 * ```ts
 * import { createStreamDB } from '@streamdb/db'
 *
 * const storage = memoryStorage()
 * const db = createStreamDB({ streamOptions: { url }, state, storage })
 * ```
 */
export function memoryStorage({ codec, user, tabs }: MemoryStorageOptions = {}): StreamStorage {
  return createStorage(createStreamStore(createMemoryBlocks(), { codec }), { user, tabs })
}
