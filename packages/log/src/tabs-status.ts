/** Which part a tab has among those that show the same stream. */
export type TabsStatus =
  /** It is not known yet: nothing was read. */
  | { readonly role: 'undecided' }
  /** It reads the log, stores it, and appends, for all tabs. */
  | { readonly role: 'leader' }
  /** It shows what the leader reads. */
  | { readonly role: 'follower' }
  /** It does everything for itself, as the others do. */
  | { readonly role: 'alone'; readonly reason: AloneReason }

/** Why a tab works alone. */
export type AloneReason =
  /** The option `tabs` is `false`. */
  | 'turned-off'
  /** What is stored is not shared: it is in memory, or in the files of a process. */
  | 'not-shared'
  /** The browser has no Web Locks here, or refuses them: the page is not of a secure origin (`https:`, or `localhost`). */
  | 'no-web-locks'
  /** The browser has no `BroadcastChannel`. */
  | 'no-channel'
  /** The tabs run versions of the application that store other types of rows. */
  | 'other-version'
  /** `db.storage.clear()` was called, here or in another tab. */
  | 'cleared'
  /** The store cannot be used. */
  | 'storage-failed'
