import type { StreamDB } from '@streamdb/db'
import { giveUp, waitFor } from './waiting.ts'
import type { WaitOptions } from './waiting.ts'

/** What is asked of a database; any `StreamDB` fits. */
export type WaitedDB = Pick<
  StreamDB<Record<never, never>>,
  'status' | 'offset' | 'pendingWrites' | 'preload' | 'refresh' | 'utils'
> & { readonly stream: Pick<StreamDB<Record<never, never>>['stream'], 'head' | 'url'> }

/** The part of a collection that is used: any collection of TanStack DB fits, live queries too. */
export interface WaitedCollection<Row extends object, Key extends string | number> {
  readonly id: string
  readonly size: number
  get(key: Key): Row | undefined
  keys(): IterableIterator<Key>
}

/**
 * Starts reading if it has not begun, and resolves when the database is live: everything that the log held is visible. With
 * `live: false`, or a closed stream, it resolves when all of it is read.
 *
 * Rejects at the timeout, and at once where the database failed or is closed, with that error as the cause.
 */
export async function waitForLive(db: WaitedDB, options?: WaitOptions): Promise<void> {
  start(db)
  const look = (): true | undefined => isLive(db) || undefined
  await waitFor({ what: 'waitForLive', look, found: () => describe(db) }, options)
}

/**
 * Resolves with the row of this key as soon as the collection has it and, with `where`, the row passes. With a function in
 * place of the key: with the first row for which it returns true.
 *
 * This does not start reading: the test has to start a live query, and a database that is not started.
 */
export async function waitForRow<Row extends object, Key extends string | number>(
  collection: WaitedCollection<Row, Key>,
  which: Key | ((row: Row) => boolean),
  options: WaitOptions & { readonly where?: ((row: Row) => boolean) | undefined } = {},
): Promise<Row> {
  const { where = () => true } = options
  const what = `waitForRow ${typeof which === 'function' ? '(by a function)' : JSON.stringify(which)}`
  const look = (): Row | undefined => {
    if (typeof which !== 'function') {
      const row = collection.get(which)
      return row !== undefined && where(row) ? row : undefined
    }
    for (const key of collection.keys()) {
      const row = collection.get(key)
      if (row !== undefined && which(row) && where(row)) return row
    }
    return undefined
  }
  const found = (): string => {
    const row = typeof which === 'function' ? undefined : collection.get(which)
    if (row !== undefined) return `The row is ${JSON.stringify(row)}`
    const keys = [...collection.keys()].slice(0, 5).map((key) => JSON.stringify(key))
    const more = collection.size > keys.length ? ', ...' : ''
    return `${collection.id} has ${collection.size} rows${keys.length > 0 ? `: ${keys.join(', ')}${more}` : ''}`
  }
  return waitFor({ what, look, found }, options)
}

/** Resolves when the transaction is visible. As `db.utils.awaitTxId`, whose clock a test may have replaced; this one is real. */
export async function waitForTxid(db: WaitedDB, txid: string, options?: WaitOptions): Promise<void> {
  let seen = false
  let failure: unknown
  const waiting = new AbortController()
  const seeing = db.utils.awaitTxId(txid, { timeout: Infinity, signal: waiting.signal }).then(
    () => (seen = true),
    (error: unknown) => (failure = error),
  )
  const look = (): true | undefined => {
    if (failure !== undefined) giveUp('the database does not wait for it any more', failure)
    return seen || undefined
  }
  try {
    await waitFor({ what: `waitForTxid ${JSON.stringify(txid)}`, look, found: () => describe(db) }, options)
  } finally {
    waiting.abort()
    await seeing
  }
}

/**
 * Resolves when nothing is under way: the database is live, every own write is confirmed or has failed, and everything that
 * the log holds now is visible. Starts reading where nothing is read; a database that is not live reads what was appended.
 *
 * It asks the stream for its end. Rejects at the timeout, and at once where the database failed or is closed.
 */
export async function settled(db: WaitedDB, options?: WaitOptions): Promise<void> {
  start(db)
  const look = async (): Promise<true | undefined> => {
    if (!isLive(db) || db.pendingWrites.length > 0) return undefined
    const offset = await endOf(db)
    if (offset === undefined) return undefined
    if (db.status.name === 'ended' && db.offset !== offset && db.status.reason === 'not-live')
      await db.refresh()
    // Offsets compare as text.
    return (db.pendingWrites.length === 0 && isLive(db) && db.offset >= offset) || undefined
  }
  await waitFor({ what: 'settled', look, found: () => describe(db) }, options)
}

/** What reading fails with is in the status, which every look sees. */
function start(db: WaitedDB): void {
  if (db.status.name === 'idle') db.preload({ timeout: Infinity }).catch(() => undefined)
}

/** Whether everything is visible that is to be read; gives up where that will not come. */
function isLive({ status }: WaitedDB): boolean {
  if (status.name === 'failed') giveUp(`the database failed: ${status.error.message}`, status.error)
  if (status.name === 'closed') giveUp('the database is closed')
  return status.name === 'live' || status.name === 'ended'
}

/** Where the log ends now; undefined while the server does not say, which the status tells of. */
async function endOf({ stream }: WaitedDB): Promise<string | undefined> {
  try {
    const head = await stream.head()
    return head.exists ? head.offset : undefined
  } catch {
    return undefined
  }
}

function describe({ status, offset, pendingWrites, stream }: WaitedDB): string {
  const error = 'error' in status ? ` (${status.error.message})` : ''
  const writes = pendingWrites.map(({ txid, state }) => `${txid} ${state.name}`).join(', ')
  const pending = writes === '' ? '' : `, pending writes: ${writes}`
  return `The database of ${stream.url} is ${status.name}${error}, at offset ${offset}${pending}`
}
