import type { AnyStreamDB } from './stream-db-provider.ts'

/** A database that components share. */
export interface Shared<Database extends AnyStreamDB = AnyStreamDB> {
  readonly db: Database
  readonly key: readonly unknown[]
  /** How many components hold it; `undefined` before the first: a render may be waiting for its rows. */
  holders?: number
  timer?: ReturnType<typeof setTimeout>
}

/** How long a database that nobody holds stays open: through StrictMode, hot reload and a change of page. */
const grace = 5_000

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
    if (isSame && shared.db.status.name !== 'closed') return shared as Shared<Database>
  }
  const shared = { db: create(), key }
  registry.add(shared)
  closeLater(shared)
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
  void shared.db.preload() // its failure is in the status
  return () => {
    shared.holders = (shared.holders ?? 0) - 1
    if (shared.holders === 0) closeLater(shared)
  }
}

function closeLater(shared: Shared): void {
  shared.timer = setTimeout(() => {
    if (isNeeded(shared)) return closeLater(shared)
    registry.delete(shared)
    shared.db.close()
  }, grace)
}

/** Whether writes are on their way, or a render that was suspended before it could hold the database reads it. */
function isNeeded({ db, holders }: Shared): boolean {
  if (db.status.name === 'closed') return false
  if (db.pendingWrites.length > 0) return true
  const collections = Object.values(db.collections) as { readonly subscriberCount: number }[]
  return holders === undefined && collections.some(({ subscriberCount }) => subscriberCount > 0)
}
