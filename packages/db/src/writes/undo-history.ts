import type { PendingMutation, Transaction } from '@tanstack/db'
import { changeRow } from '../collections/change-row.ts'
import { rowOf } from '../collections/all-rows.ts'
import { isEqual } from '../collections/transactions.ts'
import type { AnyCollection } from '../collections/types.ts'
import type { Reporter } from '../report.ts'
import { subscribe } from '../subscribe.ts'
import { toLogRow } from './wire-format.ts'
import type { Write } from './write.ts'
import type { WriteObserver } from './pending-writes.ts'
import type { WriteQueue } from './write-queue.ts'

/** A row that an undo or redo left alone, as others had changed it meanwhile. */
export interface SkippedRow {
  readonly collection: string
  readonly key: string
  /** The row as this client had left it; absent where it had deleted it. */
  readonly expected: object | undefined
  /** The row as it is. */
  readonly found: object | undefined
}

/** What an undo or a redo did. */
export interface HistoryStep {
  /** The new transaction; absent where every row was left alone. */
  readonly transaction: Transaction | undefined
  readonly skipped: readonly SkippedRow[]
}

/** This client's own confirmed transactions, to be undone and redone. */
export interface History {
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** Undoes the last transaction by a new one; nothing where there is none. Rows that others changed stay as they are. */
  undo(): HistoryStep | undefined
  /** Does again what was undone last. */
  redo(): HistoryStep | undefined
  /** Calls `listener` when `canUndo` or `canRedo` may have changed; returns what ends it. */
  subscribe(listener: () => void): () => void
}

/** One row's way: from what it was to what it became. */
export interface Step {
  readonly collection: string
  readonly key: string
  readonly before: object | undefined
  readonly after: object | undefined
}

/** What a history would undo and redo, what comes next last. */
export interface HistoryPiles {
  readonly undo: readonly (readonly Step[])[]
  readonly redo: readonly (readonly Step[])[]
}

/** A transaction; its number says where on a pile it belongs. */
interface Entry {
  readonly number: number
  readonly steps: readonly Step[]
}

/** What a history works with. */
export interface UndoHistoryOptions {
  /** How many transactions are kept. */
  readonly limit: number
  /** The database's collections, by name. */
  readonly collections: ReadonlyMap<string, AnyCollection>
  readonly queue: Pick<WriteQueue, 'transact'>
  readonly reporter: Reporter
}

/** Keeps what this client did, as `db.history`. */
export class UndoHistory implements History, WriteObserver {
  readonly #options: UndoHistoryOptions
  readonly #names: ReadonlyMap<object, string>
  readonly #listeners = new Set<() => void>()
  // Transactions that the history made: they are not to be undone themselves. Where one fails, its entry goes back.
  readonly #own = new WeakMap<Transaction, () => void>()
  #undo: Entry[] = []
  #redo: Entry[] = []
  #recorded = 0

  constructor(options: UndoHistoryOptions) {
    this.#options = options
    this.#names = new Map(Array.from(options.collections, ([name, collection]) => [collection, name]))
  }

  get canUndo(): boolean {
    return this.#undo.length > 0
  }

  get canRedo(): boolean {
    return this.#redo.length > 0
  }

  undo(): HistoryStep | undefined {
    const entry = this.#undo.pop()
    return entry && this.#write(entry, true)
  }

  redo(): HistoryStep | undefined {
    const entry = this.#redo.pop()
    return entry && this.#write(entry, false)
  }

  subscribe(listener: () => void): () => void {
    return subscribe(this.#listeners, listener)
  }

  /** What would be undone and redone. */
  get piles(): HistoryPiles {
    return { undo: this.#undo.map(({ steps }) => steps), redo: this.#redo.map(({ steps }) => steps) }
  }

  /** Puts what an earlier page has done under what this one did; its `redo` is void where this one did anything. */
  restore({ undo, redo }: HistoryPiles): void {
    const count = undo.length + redo.length
    const isUsed = this.#recorded > 0
    const old = undo.map((steps, index) => ({ number: index - count, steps }))
    this.#undo = [...old, ...this.#undo].slice(-this.#options.limit)
    if (!isUsed) this.#redo = redo.map((steps, index) => ({ number: -1 - index, steps }))
    this.#changed()
  }

  /** Records a transaction that was confirmed. */
  onSettled({ transaction, state }: Write): void {
    const putBack = this.#own.get(transaction)
    if (state.name === 'failed') putBack?.()
    if (state.name !== 'confirmed' || putBack !== undefined) return
    const steps: Step[] = []
    for (const mutation of transaction.mutations) {
      const collection = this.#names.get(mutation.collection)
      if (collection !== undefined) steps.push(stepOf(mutation, collection))
    }
    if (steps.length === 0) return
    this.#undo.push({ number: this.#recorded++, steps })
    if (this.#undo.length > this.#options.limit) this.#undo.shift()
    this.#redo = []
    this.#changed()
  }

  /** Undoes or redoes; what was done moves from one pile to the other, and back to its place where the write fails. */
  #write(entry: Entry, back: boolean): HistoryStep {
    const skipped: SkippedRow[] = []
    const wanted: Step[] = []
    const steps = back ? entry.steps.map(reversed).reverse() : entry.steps
    for (const step of steps) {
      const collection = this.#options.collections.get(step.collection)
      const row = collection && rowOf(collection, step.key)
      const found = row && toLogRow(row)
      if (isEqual(found, step.before)) wanted.push(step)
      else skipped.push({ collection: step.collection, key: step.key, expected: step.before, found })
    }
    if (wanted.length === 0) {
      this.#changed()
      return { transaction: undefined, skipped }
    }
    let transaction: Transaction
    try {
      transaction = this.#options.queue.transact(() => wanted.forEach((step) => this.#apply(step)))
    } catch (error) {
      this.#put(entry, back)
      throw error
    }
    // Rows that were left to others are not gone back over either.
    const done = { ...entry, steps: back ? wanted.map(reversed).reverse() : wanted }
    this.#put(done, !back)
    this.#own.set(transaction, () => {
      this.#undo = this.#undo.filter((each) => each !== done)
      this.#redo = this.#redo.filter((each) => each !== done)
      this.#put(entry, back)
      this.#changed()
    })
    this.#changed()
    return { transaction, skipped }
  }

  /** Puts an entry where it belongs on a pile: what comes next is last. */
  #put(entry: Entry, onUndo: boolean): void {
    if (onUndo) this.#undo = [...this.#undo, entry].sort((a, b) => a.number - b.number)
    else this.#redo = [...this.#redo, entry].sort((a, b) => b.number - a.number)
  }

  #apply({ collection, key, before, after }: Step): void {
    const target = this.#options.collections.get(collection)
    if (target === undefined) return
    if (after === undefined) target.delete(key)
    else if (before === undefined) target.insert(after)
    else changeRow(target, key, before, after)
  }

  #changed(): void {
    const { reporter } = this.#options
    for (const listener of [...this.#listeners]) {
      reporter.call('A listener of the history', listener, undefined)
    }
  }
}

function stepOf({ type, key, original, modified }: PendingMutation, collection: string): Step {
  return {
    collection,
    key: String(key),
    before: type === 'insert' ? undefined : toLogRow(original),
    after: type === 'delete' ? undefined : toLogRow(modified),
  }
}

function reversed({ collection, key, before, after }: Step): Step {
  return { collection, key, before: after, after: before }
}
