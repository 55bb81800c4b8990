import { readOn } from './read-on.ts'
import type { AnyStreamDB } from './stream-db-provider.ts'

/** A database that components share. */
export interface Shared<Database extends AnyStreamDB = AnyStreamDB> {
  readonly db: Database
  readonly key: readonly unknown[]
  /** How many components hold it; `undefined` while it is offered to a render, which may be waiting for its rows. */
  holders?: number | undefined
  timer?: ReturnType<typeof setTimeout>
}

/** How long a database that nobody holds stays open: through StrictMode, hot reload and a change of page. */
const grace = 5_000

/**
 * How many of those stay open when another is opened. Each has a live connection, and over HTTP/1.1 a browser has six
 * of them a server, for all of its tabs: whoever looks into one room after the other would wait for the grace to end.
 */
const spare = 2

const registry = new Set<Shared>()

/** Returns what is shared under `key`; or shares what `create` returns, and closes it unless it is held soon. */
export function share<Database extends AnyStreamDB>(
  key: readonly unknown[],
  create: () => Database,
): Shared<Database> {
  for (const shared of registry) {
    const isSame =
      shared.key.length === key.length && shared.key.every((part, index) => Object.is(part, key[index]))
    // The key holds the definition, which is what gives a database its type.
    if (isSame && shared.db.status.name !== 'closed') return offer(shared as Shared<Database>)
  }
  const unheld = Array.from(registry).filter((each) => each.holders === 0)
  // Later, for React is rendering.
  for (const each of unheld.slice(0, -spare)) closeLater(each, 0)
  const shared = { db: create(), key }
  registry.add(shared)
  return offer(shared)
}

/** Leaves a database that nobody holds to the render that asked for it: that holds it soon, or is given up. */
function offer<Database extends AnyStreamDB>(shared: Shared<Database>): Shared<Database> {
  if (!shared.holders) {
    shared.holders = undefined
    closeLater(shared)
  }
  return shared
}

/** Returns the databases that are shared. */
export function opened(): AnyStreamDB[] {
  return Array.from(registry, ({ db }) => db)
}

/** Holds a database open, and has it read; returns what lets go of it. */
export function hold(shared: Shared): () => void {
  clearTimeout(shared.timer)
  shared.holders = (shared.holders ?? 0) + 1
  readOn(shared.db)
  return () => {
    shared.holders = (shared.holders ?? 0) - 1
    if (shared.holders === 0) closeLater(shared)
  }
}

function closeLater(shared: Shared, delay = grace): void {
  clearTimeout(shared.timer)
  shared.timer = setTimeout(() => {
    if (isNeeded(shared)) return closeLater(shared)
    registry.delete(shared)
    shared.db.close()
  }, delay)
}

/** Whether writes are on their way, or a render that was suspended before it could hold the database reads it. */
function isNeeded({ db, holders }: Shared): boolean {
  if (db.status.name === 'closed') return false
  if (db.pendingWrites.length > 0) return true
  const collections = Object.values(db.collections) as { readonly subscriberCount: number }[]
  return holders === undefined && collections.some((each) => each.subscriberCount > 0)
}
