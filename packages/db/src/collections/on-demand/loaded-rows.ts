// More than 300 lines: every demand, pin and batch counts what is needed in the same two maps, and is told to TanStack by
// the same step. Another file for a part of it would change these maps from outside.

import type { LoadSubsetOptions } from '@tanstack/db'
import { keyOf } from '@streamdb/state'
import type { ReadBarrier } from '../read-barrier.ts'
import { commitBesideOverlay } from '../commit-beside-overlay.ts'
import type { AnyCollection, CollectionWriter } from '../types.ts'
import { OrderedWindow } from './ordered-window.ts'
import { predicateOf } from './predicate.ts'
import type { Predicate } from './predicate.ts'
import { rowOrderOf } from './row-order.ts'
import { RowStore } from './row-store.ts'
import { FilteredRows } from './subset.ts'
import type { Moves, Subset } from './subset.ts'
import { Subsets } from './subsets.ts'
import { atOnce, STEP_LENGTH } from './steps.ts'
import type { Steps } from './steps.ts'

/** How many changed rows are put at once. */
const FEW = 1000

/** What a query asked for, and is to be released. */
type Demand =
  | { readonly name: 'all' }
  | { readonly name: 'filter'; readonly subset: FilteredRows }
  | { readonly name: 'window'; readonly subset: OrderedWindow; readonly id: string; readonly by: object }

/** Where loaded rows go: the collection, and what puts rows into it. */
interface Target {
  readonly collection: AnyCollection
  readonly writer: CollectionWriter
}

/** Says when the first load is applied, or failed. */
interface LoadBarrier extends ReadBarrier {
  whenLoaded(): true | Promise<void>
}

/**
 * The rows of one collection that is loaded on demand: all that the log has, in a plain Map, and which of them are in
 * TanStack, as some query needs them or somebody writes to them.
 *
 * One file of more than 300 lines: needs, demands and what TanStack is told change together, or a row stays or is missing.
 */
export class LoadedRows {
  readonly #primaryKey: string
  readonly #store: RowStore
  readonly #barrier: LoadBarrier
  readonly #subsets = new Subsets()
  /** Those that were told of changes: a join has a subset for each event of the other side, and most events concern none. */
  readonly #unsettled = new Set<Subset>()
  /** The subsets that one row concerns; empty between rows. */
  readonly #concerned = new Set<Subset>()
  readonly #demands = new Map<LoadSubsetOptions, Demand>()
  // The windows of one subscription in one order are one subset: each page of a list holds those before it.
  #windows = new WeakMap<object, Map<string, OrderedWindow>>()
  /** How many demands are for every row. */
  #demandsForAll = 0
  /** How many subsets and writes need a row. */
  readonly #needs = new Map<string, number>()
  readonly #loaded = new Set<string>()
  /** Keys whose place is to be looked at: they changed, or are needed by more or fewer. */
  readonly #touched = new Set<string>()
  /** How many writes keep rows loaded. */
  #pins = 0
  /** The subscription whose windows have no boundary: they are right while nothing else is loaded. */
  #lone: object | undefined
  #target: Target | undefined
  /** Counts the runs of TanStack's sync: what belongs to an earlier one is over. */
  #run = 0

  constructor(primaryKey: string, barrier: LoadBarrier, signal?: AbortSignal) {
    this.#primaryKey = primaryKey
    this.#store = new RowStore(primaryKey, signal)
    this.#barrier = barrier
  }

  /** Returns all rows of the log, loaded or not. */
  allRows(): ReadonlyMap<string, object> {
    this.#barrier.beforeRead()
    return this.#store.rows
  }

  isLoaded(key: string): boolean {
    return this.#loaded.has(key)
  }

  /** Returns the keys that rows have which are to be inserted. */
  keysOf(rows: readonly unknown[]): string[] {
    return rows.map((row) => keyOf(row, this.#primaryKey)).filter((key) => key !== undefined)
  }

  /** TanStack's sync begins, perhaps anew: nothing is loaded, and queries ask for their rows again. */
  start(target: Target): void {
    this.#target = target
    this.#forget()
  }

  /** TanStack's sync ends: the rows stay here. */
  stop(): void {
    this.#target = undefined
    this.#forget()
  }

  /**
   * Loads what a query needs; synchronously, unless the first load is under way or a transaction of the application holds
   * the collection back. Else a query that suspends would do so again and again (TanStack/db#1855, #1856).
   */
  load(options: LoadSubsetOptions): true | Promise<void> {
    this.#barrier.beforeRead()
    this.#demands.set(options, this.#demandOf(options))
    this.#widen(options.subscription)
    const loaded = this.#commit()
    const ready = this.#barrier.whenLoaded()
    if (loaded === true || ready === true) return loaded === true ? ready : loaded
    return Promise.all([loaded, ready]).then(() => undefined)
  }

  /**
   * Takes note that TanStack knows no end of the rows that a subscription's window has: it takes rows that another query
   * has loaded, now or later, for the next ones of the window. Then the window is widened to all rows. Returns whether no
   * other query has loaded any.
   */
  withoutBoundary(subscription: object): boolean {
    this.#lone = subscription
    const others = [...this.#demands.keys()].some((options) => options.subscription !== subscription)
    if (!others && this.#pins === 0) return true
    this.#widen(undefined)
    void this.#commit()
    return false
  }

  /** Returns how many rows of its windows a subscription has, from the first one on. */
  windowSize(subscription: object): number {
    const windows = [...(this.#windows.get(subscription)?.values() ?? [])]
    return Math.max(0, ...windows.map(({ keys }) => keys.size))
  }

  /** Unloads what no query needs any more. */
  unload(options: LoadSubsetOptions): void {
    const demand = this.#demands.get(options)
    if (demand === undefined) return
    this.#demands.delete(options)
    this.#barrier.beforeRead()
    if (demand.name === 'all') {
      this.#demandsForAll--
      if (this.#demandsForAll === 0) for (const key of this.#loaded) this.#touched.add(key)
    } else if (demand.name === 'filter') this.#remove(demand.subset)
    else if (demand.subset.remove(options)) demand.subset.settle(this.#store, this.#moves)
    else {
      this.#windows.get(demand.by)?.delete(demand.id)
      this.#remove(demand.subset)
    }
    void this.#commit()
  }

  /** Loads rows that are written to, and keeps them until the returned function is called. */
  pin(keys: readonly string[]): () => void {
    this.#barrier.beforeRead()
    for (const key of keys) this.#need(key, 1)
    this.#pins++
    this.#widen(undefined)
    void this.#commit()
    const run = this.#run
    let isPinned = true
    return () => {
      if (!isPinned || run !== this.#run) return
      isPinned = false
      this.#pins--
      for (const key of keys) this.#need(key, -1)
      void this.#commit()
    }
  }

  /**
   * Puts changed rows, which belong to this collection from now on; returns what of that TanStack is to be told: rows that
   * queries need, and keys that they need no longer. `replaces`: all other rows are gone.
   */
  apply(changed: Map<string, unknown> | undefined, replaces: boolean): Map<string, unknown> {
    const isFew = changed !== undefined && changed.size <= FEW && !replaces && this.#store.rows.size > 0
    if (!isFew) return atOnce(this.applyInSteps(changed, replaces))
    // As every live event: its steps would cost more than what is done in them.
    for (const [key, row] of changed) this.#putOne(key, row, true)
    for (const subset of this.#unsettled) subset.settle(this.#store, this.#moves)
    this.#unsettled.clear()
    const told = new Map<string, unknown>()
    for (const key of this.#touched) this.#takeOne(key, told)
    this.#touched.clear()
    return told
  }

  /** As `apply`, in short steps: whoever reads meanwhile makes the read barrier do the rest of them first. */
  *applyInSteps(changed: Map<string, unknown> | undefined, replaces: boolean): Steps<Map<string, unknown>> {
    const run = this.#run
    const isAll = changed !== undefined && (replaces || this.#store.rows.size === 0)
    // Validated rows, then.
    if (isAll && (yield* areRows(changed))) this.#adopt(changed as Map<string, object>)
    else if (replaces) yield* this.#replace(changed)
    else if (changed !== undefined) yield* this.#put(changed)
    for (const subset of this.#unsettled) {
      subset.settle(this.#store, this.#moves)
      yield undefined
    }
    this.#unsettled.clear()
    const told = yield* this.#takeTouched()
    // The collection was cleaned up meanwhile: nothing of it is loaded any more.
    return run === this.#run ? told : new Map<string, unknown>()
  }

  /** A first load was given up: no row is there. Returns what TanStack is to be told. */
  clear(): Map<string, unknown> {
    return this.apply(undefined, true)
  }

  /** No other row is there from now on. */
  #adopt(rows: Map<string, object>): void {
    const before = this.#store.rows
    for (const key of this.#loaded) if (before.get(key) !== rows.get(key)) this.#touched.add(key)
    for (const key of this.#needs.keys()) this.#touched.add(key)
    if (this.#demandsForAll > 0) for (const key of rows.keys()) this.#touched.add(key)
    this.#store.adopt(rows)
    this.#invalidate()
  }

  *#replace(changed: ReadonlyMap<string, unknown> | undefined): Steps<void> {
    const before = this.#store.rows
    for (const key of this.#loaded) if (before.get(key) !== changed?.get(key)) this.#touched.add(key)
    for (const key of this.#needs.keys()) this.#touched.add(key)
    this.#store.clear()
    this.#invalidate()
    let count = 0
    for (const [key, row] of changed ?? []) {
      if (++count % STEP_LENGTH === 0) yield undefined
      if (row === undefined) continue
      this.#store.put(key, undefined, row as object) // validated rows
      if (this.#demandsForAll > 0) this.#touched.add(key)
    }
  }

  *#put(changed: ReadonlyMap<string, unknown>): Steps<void> {
    this.#store.expect(changed.size)
    // Most of the rows are new: looking at each of them for every query would be more work than asking anew.
    const isLarge = changed.size > FEW && changed.size > this.#store.rows.size
    if (isLarge) this.#invalidate()
    let count = 0
    for (const [key, row] of changed) {
      if (++count % STEP_LENGTH === 0) yield undefined
      this.#putOne(key, row, !isLarge)
    }
  }

  /** `tells`: subsets are told of it. */
  #putOne(key: string, row: unknown, tells: boolean): void {
    const before = this.#store.rows.get(key)
    const after = row as object | undefined // collections are only ever given rows that validateRow returned
    if (after !== undefined) this.#store.put(key, before, after)
    else if (before !== undefined) this.#store.delete(key, before)
    if (this.#demandsForAll > 0 || this.#loaded.has(key) || this.#needs.has(key)) this.#touched.add(key)
    if (!tells || this.#subsets.size === 0) return
    const concerned = this.#concerned
    if (before !== undefined) this.#subsets.collect(before, concerned)
    if (after !== undefined) this.#subsets.collect(after, concerned)
    for (const subset of concerned) {
      subset.change(key, before, after)
      this.#unsettled.add(subset)
    }
    concerned.clear()
  }

  #invalidate(): void {
    for (const subset of this.#subsets) {
      subset.invalidate()
      this.#unsettled.add(subset)
    }
  }

  #demandOf(options: LoadSubsetOptions): Demand {
    const predicate = predicateOf(options.where)
    const window = this.#windowFor(options, predicate)
    if (window !== undefined) {
      window.subset.settle(this.#store, this.#moves)
      return window
    }
    if (predicate.isOpen) {
      if (++this.#demandsForAll === 1) for (const key of this.#store.rows.keys()) this.#touched.add(key)
      return { name: 'all' }
    }
    const subset = new FilteredRows(predicate)
    this.#subsets.add(subset)
    subset.settle(this.#store, this.#moves)
    return { name: 'filter', subset }
  }

  /** Returns the window that a query asks for; `undefined` where it needs every row of its predicate. */
  #windowFor(
    options: LoadSubsetOptions,
    predicate: Predicate,
  ): (Demand & { readonly name: 'window' }) | undefined {
    const { orderBy, limit, offset = 0, subscription } = options
    if (orderBy === undefined || limit === undefined || !predicate.isExact) return undefined
    const order = rowOrderOf(orderBy)
    if (order === undefined) return undefined
    const by = subscription ?? options
    const id = order.text
    const windows = this.#windows.get(by) ?? new Map<string, OrderedWindow>()
    this.#windows.set(by, windows)
    let subset = windows.get(id)
    if (subset === undefined) {
      windows.set(id, (subset = new OrderedWindow(predicate, order)))
      this.#subsets.add(subset)
    }
    // From the first row on: so the rows before a page stay in it when others come before them.
    subset.add(options, offset + limit)
    return { name: 'window', subset, id, by }
  }

  #widen(by: object | undefined): void {
    if (this.#lone === undefined || this.#lone === by) return
    for (const window of this.#windows.get(this.#lone)?.values() ?? []) {
      window.widen()
      window.settle(this.#store, this.#moves)
    }
    this.#lone = undefined
  }

  #remove(subset: Subset): void {
    this.#subsets.delete(subset)
    this.#unsettled.delete(subset)
    for (const key of subset.keys) this.#need(key, -1)
  }

  readonly #moves: Moves = {
    come: (key) => this.#need(key, 1),
    go: (key) => this.#need(key, -1),
  }

  #need(key: string, by: 1 | -1): void {
    const count = (this.#needs.get(key) ?? 0) + by
    if (count > 0) this.#needs.set(key, count)
    else this.#needs.delete(key)
    this.#touched.add(key)
  }

  /** Returns what TanStack is to be told of the touched keys, and takes it as told. */
  *#takeTouched(): Steps<Map<string, unknown>> {
    const told = new Map<string, unknown>()
    let count = 0
    for (const key of this.#touched) {
      if (++count % STEP_LENGTH === 0) yield undefined
      this.#takeOne(key, told)
    }
    this.#touched.clear()
    return told
  }

  #takeOne(key: string, told: Map<string, unknown>): void {
    const row = this.#store.rows.get(key)
    if (row !== undefined && (this.#demandsForAll > 0 || this.#needs.has(key))) {
      this.#loaded.add(key)
      told.set(key, row)
    } else if (this.#loaded.delete(key)) told.set(key, undefined)
  }

  /** Tells TanStack of touched keys whose rows did not change: those that are loaded stay as they are. */
  #commit(): true | Promise<void> {
    if (this.#target === undefined) {
      this.#touched.clear()
      return true
    }
    for (const key of this.#touched) {
      const isNeeded = this.#demandsForAll > 0 || this.#needs.has(key)
      if (this.#loaded.has(key) === isNeeded) this.#touched.delete(key)
    }
    const told = atOnce(this.#takeTouched())
    if (told.size === 0) return true
    const { collection, writer } = this.#target
    return commitBesideOverlay(collection, [...told.keys()], () => {
      writer.begin()
      for (const [key, row] of told) {
        if (row === undefined) writer.write({ type: 'delete', key })
        else writer.write({ type: 'update', key, value: row as object }) // as it was put
      }
      return writer.commit()
    })
  }

  #forget(): void {
    this.#run++
    this.#windows = new WeakMap()
    this.#demands.clear()
    this.#subsets.clear()
    this.#unsettled.clear()
    this.#demandsForAll = 0
    this.#needs.clear()
    this.#pins = 0
    this.#lone = undefined
    this.#loaded.clear()
    this.#touched.clear()
  }
}

/** Tells whether changes put rows and delete none. */
function* areRows(changed: Map<string, unknown>): Steps<boolean> {
  let count = 0
  for (const row of changed.values()) {
    if (row === undefined) return false
    if (++count % STEP_LENGTH === 0) yield undefined
  }
  return true
}
