import type { TabBrowser, TabLocks } from './browser.ts'
import { realBrowser } from './real-browser.ts'
import type { AloneReason } from '@streamdb/log'

/** The option `tabs` of a storage. */
export interface TabsOptions {
  /** A browser to take the place of the one that runs this: for tests. */
  readonly browser?: TabBrowser | undefined
}

/** A browser in which tabs can share a stream. */
export interface SharingBrowser extends TabBrowser {
  readonly locks: TabLocks
  readonly openChannel: NonNullable<TabBrowser['openChannel']>
}

/** Returns the browser by which tabs share a stream, or why this one works alone. */
export function chooseTabs(
  option: boolean | TabsOptions | undefined,
  isShared: boolean,
): SharingBrowser | AloneReason {
  if (option === false) return 'turned-off'
  const { browser } = typeof option === 'object' ? option : {}
  // A store that is given a browser is shared by whoever runs the test.
  if (!isShared && browser === undefined) return 'not-shared'
  const { locks, openChannel, page, clock } = browser ?? realBrowser()
  if (locks === undefined) return 'no-web-locks'
  return openChannel === undefined ? 'no-channel' : { locks, openChannel, page, clock }
}
