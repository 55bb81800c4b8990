import type { StreamStorage } from '@streamdb/log'
import { checkDirectory } from '../check-options.ts'
import type { Codec } from '../codec.ts'
import { createStorage } from '../create-storage.ts'
import type { StorageOptions } from '../create-storage.ts'
import { createStreamStore } from '../stream-store.ts'
import { createFileBlocks } from './file-blocks.ts'

/** How rows are kept in files. */
export interface FileStorageOptions extends StorageOptions {
  /** Where; it is made where it is absent. One process at a time keeps a stream there. */
  readonly directory: string
  /** Encrypts or compresses what is stored. */
  readonly codec?: Codec | undefined
}

/**
 * Returns a storage in files of a directory, for Node: a journal for each stream. A process that is killed, or a machine
 * that loses its power, at any moment leaves what was saved last. Throws `invalid-options` without a directory.
 *
 * @example
 * ```ts
 * import { createStreamDB } from '@streamdb/db'
 * import { fileStorage } from '@streamdb/persist/node'
 *
 * const storage = fileStorage({ directory: '.cache/streams' })
 * const db = createStreamDB({ streamOptions: { url }, state, storage })
 * ```
 */
export function fileStorage({ directory, user, codec }: FileStorageOptions): StreamStorage {
  checkDirectory(directory)
  return createStorage(createStreamStore(createFileBlocks(directory), { codec }), { user })
}
