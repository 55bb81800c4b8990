import type { StreamStorage, StreamStore } from '@streamdb/log'
import { connectStorage } from './storage-connection.ts'

/** How a storage keeps the streams of its databases. */
export interface StorageOptions {
  /**
   * Whose rows they are. Rows of one user are never shown to another: each has a place of its own. Give it wherever users
   * sign in, and another database for each of them.
   */
  readonly user?: string | undefined
}

/**
 * Returns the option `storage` of `createStreamDB` for a store of one's own; see `createStreamStore` for what is
 * easiest to write.
 */
export function createStorage(store: StreamStore, { user = '' }: StorageOptions = {}): StreamStorage {
  return {
    connect: (context) => connectStorage(store, `${encodeURIComponent(user)} ${context.url}`, context),
  }
}
