import { deepEquals } from '@tanstack/db'
import type { PendingMutation } from '@tanstack/db'
import { wireRow } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'

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
  /** Writes the merged row. */
  readonly write: (key: string, merged: object) => void
}

interface Watch {
  readonly txid: string
  readonly type: string
  readonly key: string
  readonly base: object
  /** The row in the log, as far as it was read. */
  theirs: object | undefined
}

/**
 * Finds this client's updates that came upon a row of somebody else.
 *
 * The log's order decides all the same: the last write wins, for every reader alike. What a writer gets is knowledge.
 */
export class Conflicts {
  readonly #rules: ReadonlyMap<string, ConflictRule>
  readonly #call: (run: () => void) => void
  // By type and key: the updates under way.
  readonly #watches = new Map<string, Watch[]>()
  #found: { readonly watch: Watch; readonly ours: object }[] = []

  /** `rules`: by event type. `call` runs what the application gave, and reports what it throws. */
  constructor(rules: ReadonlyMap<string, ConflictRule>, call: (run: () => void) => void) {
    this.#rules = rules
    this.#call = call
  }

  /** Watches an update of ours until it comes back. */
  begin({ original, key }: PendingMutation, type: string, txid: string): void {
    if (!this.#rules.has(type)) return
    const base = wireRow(original)
    const watch: Watch = { txid, type, key: String(key), base, theirs: base }
    const name = nameOf(type, watch.key)
    this.#watches.set(name, [...(this.#watches.get(name) ?? []), watch])
  }

  /** Forgets a transaction that will not come back. */
  end(txid: string): void {
    for (const [name, watches] of this.#watches) this.#keep(name, watches, (each) => each.txid !== txid)
  }

  /** Takes note of a row that the log brought, in its order; `undefined` for a delete. */
  onRow({ type, key, headers }: ChangeEvent, row: object | undefined): void {
    const name = nameOf(type, key)
    const watches = this.#watches.get(name)
    if (watches === undefined) return
    for (const watch of watches) {
      if (watch.txid !== headers.txid) watch.theirs = row
      else if (row !== undefined && !deepEquals(watch.theirs, watch.base)) this.#found.push({ watch, ours: row })
    }
    this.#keep(name, watches, (each) => each.txid !== headers.txid)
  }

  /** Tells the application what was found, and writes what it merged; after the rows are shown. */
  resolve(): void {
    const found = this.#found
    this.#found = []
    for (const { watch, ours } of found) {
      const rule = this.#rules.get(watch.type)
      this.#call(() => {
        const merged = rule?.handler({ base: watch.base, theirs: watch.theirs, ours })
        if (rule !== undefined && typeof merged === 'object') rule.write(watch.key, merged)
      })
    }
  }

  #keep(name: string, watches: readonly Watch[], wanted: (watch: Watch) => boolean): void {
    const kept = watches.filter(wanted)
    if (kept.length === 0) this.#watches.delete(name)
    else this.#watches.set(name, kept)
  }
}

function nameOf(type: string, key: string): string {
  return JSON.stringify([type, key])
}
