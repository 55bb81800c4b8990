import type { StreamStorage, StreamStore } from '@streamdb/log'
import { checkUser } from './check-options.ts'
import { connectStorage } from './storage-connection.ts'
import { chooseTabs } from './tabs/choose-tabs.ts'
import type { TabsOptions } from './tabs/choose-tabs.ts'

/** How a storage keeps the streams of its databases. */
export interface StorageOptions {
  /**
   * Whose rows they are. Rows of one user are never shown to another: each has a place of its own. Give it wherever users
   * sign in, and another database for each of them.
   */
  readonly user?: string | undefined
  /**
   * Whether the tabs that show a stream share one connection: one of them leads, and the others follow. Default: where the
   * store is one that tabs share, as IndexedDB. An object gives another browser, for tests.
   */
  readonly tabs?: boolean | TabsOptions | undefined
}

/**
 * Returns the option `storage` of `createStreamDB` for a store of one's own; see `createStreamStore` for what is
 * easiest to write. Throws `invalid-options` for a user that is no string.
 */
export function createStorage(store: StreamStore, { user = '', tabs }: StorageOptions = {}): StreamStorage {
  checkUser(user)
  return {
    connect(context) {
      const id = `${keyOf(user)} ${context.url}`
      return connectStorage(store, id, context, chooseTabs(tabs, store.sharedAs !== undefined))
    },
  }
}

/** Returns a user as a part of a key: without a space, and another one for each. */
function keyOf(user: string): string {
  try {
    return encodeURIComponent(user)
  } catch {
    // Half of a surrogate pair has no UTF-8; JSON spells it. The sign in front is in no other key.
    return `#${encodeURIComponent(JSON.stringify(user))}`
  }
}
