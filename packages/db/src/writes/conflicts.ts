import type { ChangeEvent, CollectionDefinition, ControlEvent, TouchedRows } from '@streamdb/state'
import { changeRow } from '../collections/change-row.ts'
import { eventKeyOf } from '../collections/event-keys.ts'
import { rowOf } from '../collections/all-rows.ts'
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

/** Called with a conflict; returns the merged row to write, or nothing to keep `ours`. */
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
  /** The key of its events, which may be another one. */
  readonly eventKey: string
  readonly txids: Set<string>
  base: object
  /** The row in the log, as far as others wrote it, and the transaction that put it. */
  theirs: object | undefined
  theirsTxid: string | undefined
  /** The row that the last of ours put, once one has met theirs. */
  ours: object | undefined
}

/** A row that was read inside a snapshot. */
interface SnapshotRow {
  readonly event: ChangeEvent
  readonly row: object | undefined
}

/**
 * Finds updates of this client that replaced another writer's row.
 *
 * The log's order decides all the same: the last write wins, for every reader alike. The handler is told once no update
 * of the row by this client is under way any more: a merged row must not undo one of those.
 */
export class Conflicts implements WriteObserver {
  readonly #rules: ReadonlyMap<object, ConflictRule>
  readonly #reporter: Reporter
  // By type and key.
  readonly #watches = new Map<string, Watch>()
  // What an open snapshot holds of watched rows: it counts at its end (SPEC M5).
  #snapshot: SnapshotRow[] | undefined
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
      const eventKey = eventKeyOf(collection, key)
      const name = nameOf(rule.definition.type, eventKey)
      let watch = this.#watches.get(name)
      if (watch === undefined) {
        const base = toLogRow(original)
        const theirs = { theirs: base, theirsTxid: undefined }
        watch = { rule, key, eventKey, txids: new Set(), base, ...theirs, ours: undefined }
        this.#watches.set(name, watch)
      }
      watch.txids.add(txid)
    }
  }

  /** Ends the watch of a write's rows: it failed, or its rows came, if need be under another txid (F-real-65). */
  onSettled({ txid }: Write, events: readonly ChangeEvent[], cameWith: ReadonlySet<string>): void {
    for (const { type, key } of events) {
      const name = nameOf(type, key)
      const watch = this.#watches.get(name)
      if (watch === undefined) continue
      if (watch.theirsTxid !== undefined && cameWith.has(watch.theirsTxid) && watch.theirs !== undefined) {
        // Its own server's row, which an update of ours that came after it has met.
        watch.base = watch.theirs
        watch.ours = undefined
      }
      if (watch.txids.delete(txid)) this.#close(name, watch)
    }
  }

  /** Takes note of a row that the log brought, in its order; `undefined` for a delete. */
  onRow(event: ChangeEvent, row: object | undefined): void {
    const name = nameOf(event.type, event.key)
    const watch = this.#watches.get(name)
    if (watch === undefined) return
    if (this.#snapshot === undefined) this.#meet(name, watch, { event, row })
    else this.#snapshot.push({ event, row })
  }

  /** Takes note of a reset, or of a snapshot: rows that are gone have met ours as well (F-real-19). */
  onControl({ headers: { control } }: ControlEvent, rows: TouchedRows): void {
    const snapshot = this.#snapshot
    this.#snapshot = control === 'snapshot-start' ? [] : undefined
    if (control === 'reset') this.#setTheirs(() => undefined)
    if (control !== 'snapshot-end' || snapshot === undefined) return
    const met = new Set(snapshot.map(({ event }) => nameOf(event.type, event.key)))
    this.#setTheirs(({ rule, eventKey }, name) => {
      // A row of whose type and key nothing was noted was read before the update was made.
      const row = met.has(name) ? undefined : rows.get(rule.definition.type)?.get(eventKey)
      return typeof row === 'object' && row !== null ? toLogRow(row) : undefined
    })
    for (const each of snapshot) {
      const name = nameOf(each.event.type, each.event.key)
      const watch = this.#watches.get(name)
      if (watch !== undefined) this.#meet(name, watch, each)
    }
  }

  /** The log is read from its beginning again: its rows come anew. */
  onRestart(): void {
    this.#snapshot = undefined
    this.#setTheirs(() => undefined)
  }

  #setTheirs(theirsOf: (watch: Watch, name: string) => object | undefined): void {
    for (const [name, watch] of this.#watches) {
      watch.theirs = theirsOf(watch, name)
      watch.theirsTxid = undefined
    }
  }

  /** A row comes in the log: ours, which may meet theirs, or theirs. */
  #meet(name: string, watch: Watch, { event, row }: SnapshotRow): void {
    const { txid } = event.headers
    const logged = row && toLogRow(row)
    if (txid === undefined || !watch.txids.delete(txid) || logged === undefined) {
      watch.theirs = logged
      watch.theirsTxid = txid
      return
    }
    if (isEqual(watch.theirs, watch.base)) watch.base = watch.theirs = logged
    else watch.ours = logged
    this.#close(name, watch)
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
        if (typeof merged === 'object' && rowOf(collection, key) !== undefined)
          changeRow(collection, key, ours, merged)
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
