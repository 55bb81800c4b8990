import { acquire, exemptCreated, LatestOptions } from '@streamdb/db'
import { resolveUrl } from '@streamdb/log'
import { prepareDirectory } from '../directory.ts'
import type { Directory, DirectoryOptions } from '../directory.ts'

/** A directory that components share. */
export interface SharedDirectory {
  readonly directory: Directory
  /** Makes the directory call the functions of these options from now on. */
  follow(options: DirectoryOptions): void
  /** Keeps the directory open, and reading; returns what releases it. */
  retain(): () => void
}

interface Opened {
  readonly directory: Directory
  readonly latest: LatestOptions<DirectoryOptions>
}

/** By database, as that is what `acquire` shares. */
const opened = new WeakMap<object, Opened>()

/** Returns the directory that components share for these options, or prepares it. A render may call this. */
export function acquireDirectory(options: DirectoryOptions, deps: readonly unknown[]): SharedDirectory {
  // On a server nothing is mounted, and requests share nothing.
  if (typeof window === 'undefined') {
    const directory = prepareDirectory({ ...options, db: { ...options.db, startOnRead: false } })
    return { directory, follow: () => undefined, retain: () => () => undefined }
  }
  const shared = acquire([resolveUrl(options.url), 'directory', options.me.id, ...deps], () => {
    const latest = new LatestOptions(options)
    const directory = prepareDirectory(latest.options)
    exemptCreated(directory.db)
    opened.set(directory.db, { directory, latest })
    return directory.db
  })
  const { directory, latest } = opened.get(shared.db) as Opened // `shared.db` was set when it was made
  return { directory, follow: (given) => latest.follow(given), retain: () => shared.retain() }
}
