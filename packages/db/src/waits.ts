import { StreamDBError } from '@streamdb/log'
import { closedError } from './sync/errors.ts'
import type { InitialLoad } from './sync/initial-load.ts'
import type { LoadedOlder, OlderRowsLoader } from './sync/older-rows.ts'
import { waitForLoad } from './sync/preload.ts'
import type { PreloadOptions } from './sync/preload.ts'
import type { StatusStore } from './sync/status-store.ts'
import type { SyncSession } from './sync/sync-session.ts'
import { awaitTxId } from './writes/txids.ts'
import type { AwaitOptions, TxIds } from './writes/txids.ts'

/** The parts of a database that know when something is there. */
export interface WaitsParts {
  readonly isLive: boolean
  readonly session: SyncSession
  readonly status: StatusStore
  readonly initialLoad: InitialLoad
  readonly older: OlderRowsLoader
  readonly txids: TxIds
  readonly closing: AbortController
}

/** The waits of a database: for its rows, older rows, a transaction. Each wait starts what it needs. */
export class Waits {
  readonly #parts: WaitsParts

  constructor(parts: WaitsParts) {
    this.#parts = parts
  }

  /** As `StreamDB.preload`. */
  preload(options: PreloadOptions = {}): Promise<void> {
    const { initialLoad, older } = this.#parts
    const loaded = initialLoad.whenLoaded()
    return this.#load(older.newest === undefined ? loaded : whenFilled(loaded, older), options)
  }

  /** As `StreamDB.refresh`. */
  refresh(options: PreloadOptions): Promise<void> {
    const { initialLoad, session, isLive, status } = this.#parts
    const { current } = status
    // A live database is up to date by itself, and nothing more comes of a closed stream.
    const isFinal = isLive || (current.name === 'ended' && current.reason === 'stream-closed')
    const load = isFinal ? initialLoad.whenLoaded() : this.#nextRead()
    if (!this.#isClosed) session.readOn()
    return this.#load(load, options)
  }

  /** Waits for a read that begins now or later: an earlier read may have been answered before the latest append. */
  #nextRead(): Promise<void> {
    const { initialLoad, session } = this.#parts
    const read = initialLoad.whenRead()
    if (!session.isReading) return read
    return read.then(() => {
      if (this.#isClosed) throw closedError('refresh')
      return initialLoad.whenRead()
    })
  }

  /** As `StreamDB.loadOlder`. */
  async loadOlder(rows: number | undefined): Promise<LoadedOlder> {
    if (rows !== undefined && !(Number.isSafeInteger(rows) && rows > 0)) {
      const what = `expected options.rows to be a whole number from 1 but received ${String(rows)}`
      throw new StreamDBError('invalid-options', `loadOlder: ${what}`)
    }
    if (this.#isClosed) throw closedError('load older rows')
    await this.preload()
    return this.#parts.older.load(rows)
  }

  /** As `StreamDBUtils.awaitTxId`. */
  awaitTxId(txid: string, options: number | AwaitOptions = {}): Promise<void> {
    const { txids, session } = this.#parts
    // Without a reader a transaction is never seen.
    if (!this.#isClosed && !txids.has(txid)) session.readOn()
    return awaitTxId(txids, txid, options)
  }

  #load(load: Promise<void>, options: PreloadOptions): Promise<void> {
    const { initialLoad, session, status, isLive } = this.#parts
    if (this.#isClosed) initialLoad.update({ type: 'fail', error: closedError('preload') })
    else session.start()
    return waitForLoad(load, status, options, isLive)
  }

  get #isClosed(): boolean {
    return this.#parts.closing.signal.aborted
  }
}

/** The newest rows are there when as many are visible as were asked for. */
function whenFilled(loaded: Promise<void>, older: OlderRowsLoader): Promise<void> {
  const filled = loaded.then(() => older.whenFilled())
  // `void db.preload()` is allowed: an unhandled promise must not be reported.
  filled.catch(() => undefined)
  return filled
}
