import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import { changeRow } from '../collections/change-row.ts'
import { eventKeyOf } from '../collections/event-keys.ts'
import { isEqual } from '../collections/transactions.ts'
import type { AnyCollection } from '../collections/types.ts'
import type { Reporter } from '../report.ts'
import { toLogRow } from './wire-format.ts'
import type { Write } from './write.ts'
import type { WriteObserver } from './pending-writes.ts'

/** An update of this client that met a row which others had changed. */
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

/** A collection whose conflicts are handled. */
export interface ConflictRule {
  readonly collection: AnyCollection
  readonly definition: CollectionDefinition
  readonly handler: ConflictHandler<object>
}

/** Updates of this client under way, all of one row. */
interface Watch {
  readonly rule: ConflictRule
  readonly key: string
  readonly txids: Set<string>
  base: object
  /** The row in the log, as far as others wrote it. */
  theirs: object | undefined
  /** The row that the last of ours put, once one has met theirs. */
  ours?: object
}

/**
 * Finds updates of this client that met a row of somebody else.
 *
 * The log's order decides all the same: the last write wins, for every reader alike. The handler is told once no update
 * of the row by this client is under way any more: a merged row must not undo one of those.
 */
export class Conflicts implements WriteObserver {
  readonly #rules: ReadonlyMap<object, ConflictRule>
  readonly #reporter: Reporter
  // By type and event key.
  readonly #watches = new Map<string, Watch>()
  #found: Watch[] = []

  /** `rules`: by collection. */
  constructor(rules: ReadonlyMap<object, ConflictRule>, reporter: Reporter) {
    this.#rules = rules
    this.#reporter = reporter
  }

  /** Watches the rows that a write updates until it is settled. */
  onBegin({ txid, transaction }: Write): void {
    for (const { type: operation, collection, original, key: given } of transaction.mutations) {
      const rule = this.#rules.get(collection)
      if (rule === undefined || operation !== 'update') continue
      const key = String(given)
      const name = nameOf(rule.definition.type, eventKeyOf(collection, key))
      const base = toLogRow(original)
      const watch = this.#watches.get(name) ?? { rule, key, txids: new Set(), base, theirs: base }
      this.#watches.set(name, watch)
      watch.txids.add(txid)
    }
  }

  /** Forgets a transaction that does not come back, or came back under another txid. */
  onSettled({ txid }: Write, events: readonly ChangeEvent[]): void {
    for (const { type, key } of events) {
      const name = nameOf(type, key)
      const watch = this.#watches.get(name)
      if (watch?.txids.delete(txid)) this.#close(name, watch)
    }
  }

  /** Takes note of a row that the log brought, in its order; `undefined` for a delete. */
  onRow({ type, key, headers }: ChangeEvent, row: object | undefined): void {
    const name = nameOf(type, key)
    const watch = this.#watches.get(name)
    if (watch === undefined) return
    const logged = row && toLogRow(row)
    if (headers.txid === undefined || !watch.txids.delete(headers.txid) || logged === undefined) {
      watch.theirs = logged
    } else {
      if (!isEqual(watch.theirs, watch.base)) watch.ours = logged
      else watch.base = watch.theirs = logged
      this.#close(name, watch)
    }
  }

  /** Tells the handlers what was found, and writes what they merged; after the rows are visible. */
  resolve(): void {
    const found = this.#found
    this.#found = []
    for (const { rule, key, base, theirs, ours } of found) {
      if (ours === undefined) continue
      const { collection, handler } = rule
      const run = (): void => {
        const merged = handler({ base, theirs, ours })
        // Where others have deleted it since, it stays deleted.
        if (typeof merged === 'object' && collection.has(key)) changeRow(collection, key, ours, merged)
      }
      this.#reporter.call('onConflict', run, undefined)
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
