import { deferred, Listeners, StreamDBError, toStreamDBError } from '@streamdb/log'
import type { Deferred, NewestRows, OlderRows } from '@streamdb/log'
import { noChanges } from '@streamdb/state'
import type { ChangeEvent, Changes, ControlEvent } from '@streamdb/state'
import type { Readable } from '../readable.ts'
import { NewestKeys } from './newest-keys.ts'
import type { OlderRowsParts } from './older-rows-parts.ts'
import { nextOlder, unknownRows } from './older-state.ts'
import type { OlderEvent, OlderState } from './older-state.ts'
import type { RowListener } from './ingest-parts.ts'

/** What `loadOlder` loaded. */
export interface LoadedOlder {
  /** How many rows of the types in `load.of`; a few of them may have been deleted since. */
  readonly loaded: number
  /** How many of them are left. */
  readonly remaining: number
}

/** Rows that go in as one change: their queries run once for each. */
const sliceLength = 2000
/**
 * In the background so many parts are read, of so many rows at least: a server that answers to its stream's end, whatever
 * a reader wants of that, does so for each.
 */
const backgroundParts = 3
const backgroundRows = 10_000

/**
 * Loads the rows that a source left out at first, from the newest to the oldest.
 *
 * They are as they were at an earlier offset. What the log has put or deleted since is not touched by them (SPEC R2):
 * every key that it speaks of is noted as long as rows are left.
 */
export class OlderRowsLoader implements RowListener, Readable<OlderState> {
  readonly #parts: OlderRowsParts
  readonly #listeners: Listeners
  #state: OlderState = unknownRows
  #left: OlderRows | undefined
  // By type: keys of which the log speaks behind the offset of the rows that are left.
  #touched = new Map<string, Set<string>>()
  #isInsideSnapshot = false
  // What was left out could no longer be read: from then on everything is read whole.
  #isLost = false
  // Ends the loading of rows that became void.
  #ended: AbortController | undefined
  #loading: Promise<LoadedOlder> | undefined
  // Of the newest rows the log has deleted some since: others take their place.
  #filled: Deferred<void> | undefined
  // Until there are enough.
  #newestKeys: NewestKeys | undefined

  constructor(parts: OlderRowsParts) {
    this.#parts = parts
    this.#listeners = new Listeners((error) => parts.reporter.report(error, 'A listener of the older rows'))
    parts.signal.addEventListener('abort', () => this.#ended?.abort(parts.signal.reason))
  }

  readonly get = (): OlderState => this.#state

  /** What is known of the rows that are left, while there are some. */
  get left(): OlderState | undefined {
    return (this.#state.remaining ?? 0) > 0 ? this.#state : undefined
  }

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Which rows a source is to deliver first; nothing where it is to deliver all. */
  get newest(): NewestRows | undefined {
    return this.#isLost ? undefined : this.#parts.plan?.newest
  }

  /** The source left these rows out; what it delivers from now on comes after them. */
  begin(rows: OlderRows): void {
    this.#drop()
    this.#left = rows
    this.#newestKeys = new NewestKeys(rows.delivered)
    this.#update({ type: 'left', rows: rows.remaining })
  }

  /** The log follows from its beginning. */
  onRestart(): void {
    this.#drop()
    this.#update({ type: 'restart' })
  }

  /** The log was read to its end, and what was read is visible. */
  onUpToDate(): void {
    this.#update({ type: 'up-to-date' })
    if (this.#left === undefined || this.#loading !== undefined) return
    if (this.#filled === undefined) void this.#fill(this.#left, (this.#filled = deferred()))
    if (this.#parts.plan?.rest !== 'background') return
    // Given up: with each event that is read it would be asked for again.
    if (this.#state.error === undefined) void this.#loadRest()
  }

  /** Resolves when as many rows are visible as are to be first, or they cannot be read at once. */
  async whenFilled(): Promise<void> {
    await this.#filled?.promise
  }

  onRow(event: ChangeEvent): void {
    // What a snapshot holds that never ends is void.
    if (this.#left === undefined || this.#isInsideSnapshot) return
    const { of } = this.#parts.plan?.newest ?? {}
    // Of the other types no row is left: their keys, as those of deltas, may be without number.
    if (of?.includes(event.type) !== true) return
    if (event.type === of[0]) this.#newestKeys?.note(event)
    let keys = this.#touched.get(event.type)
    if (keys === undefined) this.#touched.set(event.type, (keys = new Set()))
    keys.add(event.key)
  }

  onControl({ headers: { control } }: ControlEvent): void {
    const wasInside = this.#isInsideSnapshot
    this.#isInsideSnapshot = control === 'snapshot-start'
    const replaces = control === 'reset' || (control === 'snapshot-end' && wasInside)
    if (this.#left === undefined || !replaces) return
    // Everything before is void, and so are the rows that are left.
    this.#drop()
    this.#update({ type: 'left', rows: 0 })
  }

  /** Loads some more; calls share what is under way. Rejects with what reading failed with, or with `closed`. */
  load(rows: number = this.#parts.plan?.newest.last ?? 0): Promise<LoadedOlder> {
    return this.#load(rows)
  }

  /** Tries at once what waits to be tried again. */
  retryNow(): void {
    this.#left?.retryNow()
  }

  #drop(): void {
    this.#ended?.abort(new StreamDBError('aborted', 'These rows became void'))
    this.#filled?.resolve()
    this.#ended = this.#left = this.#filled = this.#newestKeys = undefined
    this.#touched = new Map()
    this.#isInsideSnapshot = false
  }

  /** Never rejects: the state says why it was given up. */
  async #fill(left: OlderRows, filled: Deferred<void>): Promise<void> {
    const { plan, countOf } = this.#parts
    const { last = 0, of: [type = ''] = [] } = plan?.newest ?? {}
    try {
      while (this.#left === left && left.remaining > 0) {
        // Of those that were read some may be invalid.
        const missing = last - Math.min(countOf(type), this.#newestKeys?.size ?? 0)
        if (missing <= 0) break
        await this.#load(missing)
      }
    } catch {
      // As above.
    }
    if (this.#left === left) this.#newestKeys = undefined
    filled.resolve()
  }

  async #loadRest(): Promise<void> {
    const left = this.#left
    const rows = Math.max(backgroundRows, Math.ceil((left?.remaining ?? 0) / backgroundParts))
    try {
      while (this.#left !== undefined && this.#left === left && left !== undefined && left.remaining > 0) {
        await this.#load(rows)
        await this.#parts.scheduler.yieldIfDue()
      }
    } catch {
      // The state says it: `loadOlder()` tries again.
    }
  }

  #load(rows: number): Promise<LoadedOlder> {
    this.#loading ??= this.#read(rows).finally(() => {
      this.#loading = undefined
      this.#update({ type: 'rest' })
    })
    return this.#loading
  }

  async #read(rows: number): Promise<LoadedOlder> {
    // It aborts with the error of a closed database.
    if (this.#parts.signal.aborted) throw this.#parts.signal.reason as StreamDBError
    const left = this.#left
    if (left === undefined) return { loaded: 0, remaining: this.#state.remaining ?? 0 }
    const before = left.remaining
    this.#update({ type: 'load' })
    const ended = (this.#ended ??= new AbortController())
    try {
      const items = await left.read(rows, { signal: ended.signal, onBreak: (error) => this.#onBreak(error) })
      if (this.#left !== left) return this.#replaced()
      if (items === 'lost') return await this.#reload()
      await this.#apply(items, left)
      if (this.#left !== left) return this.#replaced()
      this.#update({ type: 'left', rows: left.remaining })
      if (left.remaining === 0) this.#drop()
      return { loaded: before - left.remaining, remaining: left.remaining }
    } catch (thrown) {
      if (this.#parts.signal.aborted) throw this.#parts.signal.reason as StreamDBError
      if (ended.signal.aborted) return this.#replaced()
      const error = toStreamDBError(thrown, 'stream-failed', 'Reading older rows failed')
      this.#update({ type: 'fail', error })
      throw error
    }
  }

  /** Puts rows in slices, the newest first; what the log says of a row goes before. */
  async #apply(items: readonly unknown[], left: OlderRows): Promise<void> {
    for (let end = items.length; end > 0; end -= sliceLength) {
      const slice = items.slice(Math.max(0, end - sliceLength), end)
      const folded = this.#parts.fold(slice)
      await this.#parts.apply(() => {
        if (this.#left !== left) return noChanges()
        const changes = this.#untouched(folded)
        const [type = ''] = this.#parts.plan?.newest.of ?? []
        this.#newestKeys?.add(changes.rows.get(type)?.keys() ?? [])
        this.#tellObservers(slice, { folded, changes })
        return changes
      })
      await this.#parts.scheduler.yieldIfDue()
    }
  }

  #tellObservers(
    items: readonly unknown[],
    { folded, changes }: { readonly folded: Changes; readonly changes: Changes },
  ): void {
    const { observers } = this.#parts
    if (!observers.want('onOlderRows')) return
    // Those that have a row were decoded; of the others nothing is known.
    const all = (items as (ChangeEvent | null)[]).filter((item) => isOf(folded.rows, item))
    observers.olderRows(
      all.filter((item) => isOf(changes.rows, item)),
      all,
    )
  }

  #untouched({ rows }: Changes): Changes {
    const changes = noChanges()
    for (const [type, each] of rows) {
      const touched = this.#touched.get(type)
      const kept = touched === undefined ? each : new Map([...each].filter(([key]) => !touched.has(key)))
      if (kept.size > 0) changes.rows.set(type, kept)
    }
    return changes
  }

  /** The rows can no longer be read by themselves: everything is read anew, and stays visible until then. */
  async #reload(): Promise<LoadedOlder> {
    const before = this.#state.remaining ?? 0
    this.#isLost = true
    const read = this.#parts.whenRead()
    this.#parts.restart('snapshot-lost')
    await read
    return { loaded: before, remaining: this.#state.remaining ?? 0 }
  }

  /** A reset, or another reading of the log, took the place of the rows. */
  #replaced(): LoadedOlder {
    return { loaded: 0, remaining: this.#state.remaining ?? 0 }
  }

  #onBreak(error: Error): void {
    // The rows that there are need not be waited for.
    this.#filled?.resolve()
    this.#update({ type: 'break', error: toStreamDBError(error, 'unreachable', 'Reading older rows failed') })
  }

  #update(event: OlderEvent): void {
    const state = nextOlder(this.#state, event)
    if (state === this.#state) return
    this.#state = state
    this.#parts.onChange()
    this.#listeners.notify()
  }
}

function isOf(rows: Changes['rows'], item: ChangeEvent | null): item is ChangeEvent {
  return item !== null && rows.get(item.type)?.has(item.key) === true
}
