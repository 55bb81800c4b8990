import { isEqual } from '../collections/transactions.ts'
import type { PendingMutation } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import { loggedRow } from './wire-format.ts'

/** An update of this client that came upon a row which others had changed. */
export interface Conflict<Row> {
  /** The row that the update was based on. */
  readonly base: Row
  /** The row that stood in the log just before the update; absent where others had deleted it. */
  readonly theirs: Row | undefined
  /** The row that the update put; it stands now, for every reader. */
  readonly ours: Row
}

/** Is told of a conflict; returns the row to put instead, or nothing to let ours stand. */
export type ConflictHandler<Row> = (conflict: Conflict<Row>) => Row | undefined | void

/** What is asked for one event type. */
export interface ConflictRule {
  readonly handler: ConflictHandler<object>
  /** Writes what the merged row changes of ours. */
  readonly write: (key: string, ours: object, merged: object) => void
}

/** Updates of ours under way, all of one row. */
interface Watch {
  readonly type: string
  readonly key: string
  readonly txids: Set<string>
  base: object
  /** The row in the log, as far as others wrote it. */
  theirs: object | undefined
  /** The row that the last of ours put, once one has come upon theirs. */
  ours?: object
}

/**
 * Finds this client's updates that came upon a row of somebody else.
 *
 * The log's order decides all the same: the last write wins, for every reader alike. What a writer gets is knowledge,
 * once none of its own updates of the row is under way any more: a merged row must not undo one of those.
 */
export class Conflicts {
  readonly #rules: ReadonlyMap<string, ConflictRule>
  readonly #call: (run: () => void) => void
  // By type and key.
  readonly #watches = new Map<string, Watch>()
  #found: Watch[] = []

  /** `rules`: by event type. `call` runs what the application gave, and reports what it throws. */
  constructor(rules: ReadonlyMap<string, ConflictRule>, call: (run: () => void) => void) {
    this.#rules = rules
    this.#call = call
  }

  /** Watches an update of ours until it comes back. */
  begin({ original, key }: Pick<PendingMutation, 'original' | 'key'>, type: string, txid: string): void {
    if (!this.#rules.has(type)) return
    const name = nameOf(type, String(key))
    const base = loggedRow(original)
    const watch = this.#watches.get(name) ?? { type, key: String(key), txids: new Set(), base, theirs: base }
    this.#watches.set(name, watch)
    watch.txids.add(txid)
  }

  /** Forgets a transaction that will not come back. */
  end(txid: string): void {
    for (const [name, watch] of this.#watches) if (watch.txids.delete(txid)) this.#close(name, watch)
  }

  /** Takes note of a row that the log brought, in its order; `undefined` for a delete. */
  onRow({ type, key, headers }: ChangeEvent, row: object | undefined): void {
    const name = nameOf(type, key)
    const watch = this.#watches.get(name)
    if (watch === undefined) return
    const logged = row && loggedRow(row)
    if (headers.txid === undefined || !watch.txids.delete(headers.txid) || logged === undefined) {
      watch.theirs = logged
    } else {
      if (!isEqual(watch.theirs, watch.base)) watch.ours = logged
      else watch.base = watch.theirs = logged
      this.#close(name, watch)
    }
  }

  /** Tells the application what was found, and writes what it merged; after the rows are shown. */
  resolve(): void {
    const found = this.#found
    this.#found = []
    for (const { type, key, base, theirs, ours } of found) {
      const rule = this.#rules.get(type)
      if (rule === undefined || ours === undefined) continue
      this.#call(() => {
        const merged = rule.handler({ base, theirs, ours })
        if (typeof merged === 'object') rule.write(key, ours, merged)
      })
    }
  }

  #close(name: string, watch: Watch): void {
    if (watch.txids.size > 0) return
    this.#watches.delete(name)
    if (watch.ours !== undefined) this.#found.push(watch)
  }
}

function nameOf(type: string, key: string): string {
  return JSON.stringify([type, key])
}
