/**
 * What tabs need of a browser, as an interface: a frozen leader, a thief, a page in the back-forward cache and a lost
 * message can then be played in Node. `real-browser.ts` is the browser itself.
 */
export interface TabBrowser {
  /** Absent without Web Locks: on an insecure origin, or in an old browser. */
  readonly locks: TabLocks | undefined
  /** Opens a channel to the other tabs of the origin; absent where there are none. */
  readonly openChannel: ((name: string) => TabChannel) | undefined
  readonly page: TabPage
  readonly clock: TabClock
}

/** Locks that the tabs of an origin share. */
export interface TabLocks {
  /**
   * Waits for the lock `name`, without a timeout, and runs `hold` with it; the lock is released when the promise of
   * `hold` settles. Resolves then; rejects where the lock was stolen, or where `signal` aborted the wait.
   */
  request(name: string, options: TabLockOptions, hold: () => Promise<void>): Promise<void>
}

/** How a lock is asked for. */
export interface TabLockOptions {
  /** Ends the wait. Not together with `steal`. */
  readonly signal?: AbortSignal | undefined
  /** Takes the lock from whoever holds it, at once. */
  readonly steal?: boolean | undefined
}

/** Sends messages to the other tabs, in order; a message may be lost. */
export interface TabChannel {
  /** Sends a copy of `message` to everybody else on the channel. */
  post(message: unknown): void
  /** Calls `onMessage` for every message of the others, from now on. */
  listen(onMessage: (message: unknown) => void): void
  close(): void
}

/** The life of the page that a tab shows. */
export interface TabPage {
  readonly isVisible: boolean
  /** Tells `listener` of changes; returns what ends that. */
  observe(listener: TabPageListener): () => void
}

/** Hears of the life of a page. */
export interface TabPageListener {
  /** The page is left: for good, or for the back-forward cache. */
  onHide(): void
  /** The page is shown again after `onHide`: it comes from the back-forward cache. */
  onShow(): void
  /** The page became visible, or runs again after it was frozen. */
  onWake(): void
}

/** The time of a tab. */
export interface TabClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** A number in [0, 1): pauses are spread by it. */
  random(): number
  /** Calls `run` once, after `ms`; returns what prevents it. */
  after(ms: number, run: () => void): () => void
}
