import { resumeWhenIdle } from './idle-start.ts'
import type { Startable } from './idle-start.ts'
import type { Status } from './sync/status.ts'

/** What sharing needs of a database. */
export interface SharableDatabase extends Startable {
  readonly collections: object
  readonly pendingWrites: readonly unknown[]
  close(): void
}

/** A database that components share. */
export interface SharedDatabase<Database extends SharableDatabase = SharableDatabase> {
  readonly db: Database
  /**
   * Keeps the database open, and makes it read; returns what releases it. The database is closed `idleTimeout` after
   * it was released as often as it was retained.
   */
  retain(): () => void
}

/** How long an unused database stays open, in milliseconds: long enough for StrictMode, hot reload and a change of page. */
export const idleTimeout = 5_000

/**
 * How many unused databases stay open when another one is opened. Each has a live connection, and over
 * HTTP/1.1 a browser has six connections to a server for all of its tabs.
 */
export const maxIdle = 2

/** How often a render that waits for a database is run again: one that was abandoned is not. */
const renewInterval = 2_000

/** How long, and how many, databases stay open whose renders may be suspended for another reason. */
const maxUnseenTime = 60_000
const maxUnseen = 6

/** Databases alike that are asked for within this time of each other may be repeated. */
const repeatPeriod = 10_000

/** Who needs a shared database. */
type Use =
  /** A render was given it that has not retained it: it may be suspended, or abandoned. */
  | { readonly name: 'leased'; readonly isRead: boolean }
  /** That render waits for this database, and is run again after every `renewInterval` unless it was abandoned. */
  | { readonly name: 'awaited' }
  /** The render was not run again for `time` milliseconds. */
  | { readonly name: 'unseen'; readonly time: number; readonly limit: number }
  | { readonly name: 'retained'; readonly count: number }
  /** No component or render. */
  | { readonly name: 'idle' }

/** All shared databases, the least recently used first. */
const registry = new Set<Shared>()

/**
 * Returns the database that is shared under `key`, or shares what `create` returns.
 *
 * A render may call this. The database is closed after `idleTimeout` unless `retain` is called, or the render is
 * suspended until then. Keys are equal when their parts are, by `Object.is`; the definition of the database is one of
 * them, as it decides the type.
 */
export function acquire<Database extends SharableDatabase>(
  key: readonly unknown[],
  create: () => Database,
): SharedDatabase<Database> {
  for (const shared of registry) {
    // The definition, which is in the key, gives a database its type.
    if (shared.isFor(key)) return shared.lease() as unknown as SharedDatabase<Database>
  }
  closeLeastRecentlyUsed('idle', maxIdle)
  return new Shared(key, create()).lease()
}

/**
 * Leases the last of the databases whose keys are alike, where one after the other was asked for and given up: a part of
 * the key is made anew in every render, and each new database would cause the next render.
 */
export function acquireRepeated<Database extends SharableDatabase>(
  isAlike: (key: readonly unknown[]) => boolean,
): SharedDatabase<Database> | undefined {
  const alike = [...registry].filter((shared) => shared.isRecent && isAlike(shared.key))
  const retained = alike.filter(({ use }) => use === 'retained')
  if (alike.length < 2 || retained.length === alike.length) return undefined
  const last = retained.at(-1) ?? alike.at(-1)
  return last?.lease() as unknown as SharedDatabase<Database> | undefined // what is alike has the same type
}

/**
 * Resolves after a while, for a render that waits for `db` and has not retained it. The render waits for this promise
 * too, so that it is run again, and acquires the database again. An abandoned render is not run again, and its database
 * is closed. Returns `undefined` where there is nothing to renew.
 */
export function renewLease(db: object): Promise<void> | undefined {
  return find(db)?.awaitRender()
}

/** Notes that a render which has not retained `db` shows its rows: where it is suspended, it is for another reason. */
export function markRead(db: object): void {
  find(db)?.markRead()
}

function find(db: object): Shared | undefined {
  for (const shared of registry) if (shared.db === db) return shared
  return undefined
}

class Shared<Database extends SharableDatabase = SharableDatabase> implements SharedDatabase<Database> {
  readonly db: Database
  readonly key: readonly unknown[]
  readonly #created = performance.now()
  #use: Use = { name: 'idle' }
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(key: readonly unknown[], db: Database) {
    this.key = key
    this.db = db
  }

  get use(): Use['name'] {
    return this.#use.name
  }

  get isRecent(): boolean {
    return performance.now() - this.#created < repeatPeriod && this.db.status.name !== 'closed'
  }

  isFor(key: readonly unknown[]): boolean {
    const isSame =
      this.key.length === key.length && this.key.every((part, index) => Object.is(part, key[index]))
    return isSame && this.db.status.name !== 'closed'
  }

  lease(): this {
    this.#moveToEnd()
    if (this.#use.name === 'retained') return this
    this.#use = { name: 'leased', isRead: false }
    this.#expireAfter(idleTimeout)
    return this
  }

  awaitRender(): Promise<void> | undefined {
    if (this.#use.name === 'retained' || this.db.status.name === 'closed') return undefined
    this.#use = { name: 'awaited' }
    return new Promise((resolve) => setTimeout(resolve, renewInterval))
  }

  markRead(): void {
    if (this.#use.name === 'leased') this.#use = { name: 'leased', isRead: true }
  }

  retain(): () => void {
    clearTimeout(this.#timer)
    this.#moveToEnd()
    this.#use = { name: 'retained', count: this.#use.name === 'retained' ? this.#use.count + 1 : 1 }
    resumeWhenIdle(this.db)
    let isReleased = false
    return () => {
      if (!isReleased) this.#release()
      isReleased = true
    }
  }

  #release(): void {
    if (this.#use.name !== 'retained') return
    this.#moveToEnd()
    if (this.#use.count > 1) {
      this.#use = { name: 'retained', count: this.#use.count - 1 }
      return
    }
    this.giveUp(idleTimeout)
  }

  /** Closes the database after `delay` milliseconds, unless it is used by then. */
  giveUp(delay: number): void {
    this.#use = { name: 'idle' }
    this.#expireAfter(delay)
  }

  #expireAfter(delay: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#expire(), delay)
  }

  #expire(): void {
    const isClosed = this.db.status.name === 'closed'
    this.#use = nextUse(this.#use, this.db)
    if (isClosed || (this.#use.name === 'idle' && this.db.pendingWrites.length === 0)) {
      registry.delete(this)
      this.db.close()
      return
    }
    this.#expireAfter(idleTimeout)
    closeLeastRecentlyUsed('unseen', maxUnseen)
  }

  #moveToEnd(): void {
    registry.delete(this)
    registry.add(this)
  }
}

/** Returns who needs a database after `idleTimeout` milliseconds of `use`. */
function nextUse(use: Use, db: SharableDatabase): Use {
  switch (use.name) {
    case 'leased':
      return use.isRead || isAwaited(db)
        ? { name: 'unseen', time: idleTimeout, limit: maxUnseenTime }
        : { name: 'idle' }
    case 'awaited':
      // The page may be busy: it has a second timeout to run the render again.
      return { name: 'unseen', time: idleTimeout, limit: 2 * idleTimeout }
    case 'unseen': {
      const time = use.time + idleTimeout
      return time >= use.limit ? { name: 'idle' } : { ...use, time }
    }
    case 'retained':
    case 'idle':
      return use
  }
}

/** Returns whether a render may wait for the rows of a database that is not retained. */
function isAwaited({ status, offset, collections }: SharableDatabase): boolean {
  const settled: readonly Status['name'][] = ['idle', 'live', 'ended', 'failed', 'closed']
  if (offset === '-1' && !settled.includes(status.name)) return true
  const each = Object.values(collections) as { readonly subscriberCount: number }[] // collections of TanStack DB
  return each.some(({ subscriberCount }) => subscriberCount > 0)
}

/** Closes databases in `use`, so that the `count` of them that were used last stay open. */
function closeLeastRecentlyUsed(use: Use['name'], count: number): void {
  const all = Array.from(registry).filter((shared) => shared.use === use)
  // By a timer, as a framework may be rendering.
  for (const shared of all.slice(0, Math.max(0, all.length - count))) shared.giveUp(0)
}
