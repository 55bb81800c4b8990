import { backoff } from '../backoff.ts'
import type { ReaderTimes } from '../backoff.ts'
import type { NewestRows, OlderRows, ReadOlderOptions } from '../older-rows.ts'
import { toReadFailure } from '../read-failure.ts'
import { delay } from '../timeout.ts'
import type { SnapshotEntry } from './format.ts'
import { mayReadAgain } from './may-read-again.ts'
import { rowsOf } from './plan-pages.ts'
import type { PagePlan } from './plan-pages.ts'
import { readFew, readRows } from './read-rows.ts'
import type { PageRange, ReadRowsOptions } from './read-rows.ts'
import { UnusableSnapshot } from './read-snapshot.ts'

/** What reading the newest rows of a snapshot works with. */
export interface NewestOptions extends Omit<ReadRowsOptions, 'signal'> {
  readonly newest: NewestRows
  readonly times: ReaderTimes
}

/** The newest rows of a snapshot, and what was left out. */
export interface NewestItems {
  /** The snapshot's first item and its rows, as if it had no others. */
  readonly items: readonly unknown[]
  readonly older: OlderRows
}

/** Reads the newest rows of a snapshot; one attempt. Throws as `readRows` does. */
export async function readNewest(
  entry: SnapshotEntry,
  { tail, whole, takesFew }: PagePlan,
  options: NewestOptions,
  signal: AbortSignal,
): Promise<NewestItems> {
  const { last, of, whole: wholeTypes } = options.newest
  const read = (range: PageRange) => readRows(entry, range, { ...options, signal })
  const ranges = rangesOf([...whole, ...indexes(tail, entry.pages.length)])
  const beginsAtStart = ranges[0]?.from === 0
  if (!beginsAtStart) ranges.unshift({ from: 0, to: 0 })
  const [few, results] = await Promise.all([
    takesFew ? readFew(entry, { ...options, signal }) : undefined,
    readAll(ranges, read),
  ])
  for (const type of takesFew ? wholeTypes : []) {
    if (countOf(few ?? [], type) === rowsOf(entry, [type])) continue
    throw new UnusableSnapshot(`${entry.url} has other rows of "${type}" beside it than its index says`)
  }
  const [head] = results[0] ?? []
  const isNewest = matcher(of)
  const items: unknown[] = [...(few ?? []).filter(matcher(wholeTypes))]
  // Rows of `of` that were read and are not shown yet, by page.
  const kept = new Map<number, readonly unknown[]>()
  let buffer: readonly unknown[] = []
  for (const [at, { from, to }] of ranges.entries()) {
    let rows = results[at] ?? []
    if (from === 0) rows = rows.slice(1)
    if (to === 0) continue
    let begin = 0
    for (let page = from; page < to && page < tail; page++) {
      const end = begin + (entry.pages[page]?.rows ?? 0)
      const own = rows.slice(begin, end)
      kept.set(page, own.filter(isNewest))
      for (const item of own) if (!isNewest(item)) items.push(item)
      begin = end
    }
    const newest = rows.slice(begin)
    const cut = cutBefore(newest, of[0], last)
    buffer = newest.slice(0, cut).filter(isNewest)
    for (const [index, item] of newest.entries())
      if (isNewest(item) ? index >= cut : few === undefined) items.push(item)
  }
  // Rows that are older, and of which the compactor was told that nobody does without.
  const known = new Set(items.map(nameOf))
  const essential = (few ?? []).filter((item) => isNewest(item) && !known.has(nameOf(item)))
  const delivered = items.filter(matcher([of[0]])).map(keyOf)
  return {
    items: [head, ...essential, ...items],
    older: new OlderPages({ entry, options, delivered, next: tail, kept, buffer }),
  }
}

/** Where reading backwards stands. */
interface OlderPagesState {
  readonly entry: SnapshotEntry
  readonly options: NewestOptions
  readonly delivered: readonly string[]
  /** The pages before this one are not read. */
  next: number
  /** Pages among them that are read all the same. */
  readonly kept: Map<number, readonly unknown[]>
  /** Rows that are read, and come before what was given. */
  buffer: readonly unknown[]
}

/** Reads a snapshot backwards, page by page. */
class OlderPages implements OlderRows {
  readonly #state: OlderPagesState
  #skipDelay: (() => void) | undefined

  constructor(state: OlderPagesState) {
    this.#state = state
  }

  get remaining(): number {
    const { entry, options, next, buffer } = this.#state
    let count = buffer.length
    for (const page of entry.pages.slice(0, next)) count += rowsOf(page, options.newest.of)
    return count
  }

  get delivered(): readonly string[] {
    return this.#state.delivered
  }

  async read(rows: number, options: ReadOlderOptions): Promise<readonly unknown[] | 'lost'> {
    const state = this.#state
    const { of } = state.options.newest
    while (state.next > 0 && countOf(state.buffer, of[0]) < rows) {
      const kept = state.kept.get(state.next - 1)
      if (kept !== undefined) {
        state.next--
        state.kept.delete(state.next)
        state.buffer = [...kept, ...state.buffer]
        continue
      }
      const range = { from: this.#begin(rows - countOf(state.buffer, of[0])), to: state.next }
      const items = await this.#attempt(range, options)
      if (items === 'lost') return 'lost'
      state.next = range.from
      state.buffer = [...items.slice(range.from === 0 ? 1 : 0).filter(matcher(of)), ...state.buffer]
    }
    const cut = cutBefore(state.buffer, of[0], rows)
    const newest = state.buffer.slice(cut)
    state.buffer = state.buffer.slice(0, cut)
    return newest
  }

  retryNow(): void {
    this.#skipDelay?.()
  }

  /** Returns the first of the pages that have so many rows together. */
  #begin(rows: number): number {
    const { entry, options, next, kept } = this.#state
    let page = next
    let found = 0
    do {
      page--
      found += rowsOf(entry.pages[page], [options.newest.of[0]])
    } while (page > 0 && found < rows && !kept.has(page - 1))
    return page
  }

  async #attempt(
    range: PageRange,
    { signal, onBreak }: ReadOlderOptions,
  ): Promise<readonly unknown[] | 'lost'> {
    const { entry, options } = this.#state
    const { times } = options
    for (let attempt = 1; ; attempt++) {
      try {
        return await readRows(entry, range, { ...options, signal })
      } catch (thrown) {
        signal.throwIfAborted()
        if (thrown instanceof UnusableSnapshot) return 'lost'
        const { error, retryAfter } = toReadFailure(thrown, 'Reading older rows failed')
        if (!mayReadAgain(thrown) || attempt > times.maxRetries) throw error
        onBreak(error)
        const interrupted = new Promise<void>((resolve) => (this.#skipDelay = resolve))
        await delay(Math.max(retryAfter, backoff(times, attempt)), signal, interrupted)
        signal.throwIfAborted()
      }
    }
  }
}

/** Reads ranges, a few at a time: a browser has no more connections for a server. */
async function readAll(
  ranges: readonly PageRange[],
  read: (range: PageRange) => Promise<readonly unknown[]>,
): Promise<readonly (readonly unknown[])[]> {
  const results: (readonly unknown[])[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < ranges.length; at = next++) {
      const range = ranges[at]
      if (range !== undefined) results[at] = await read(range)
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return results
}

/** Joins pages that follow each other. */
function rangesOf(pages: readonly number[]): PageRange[] {
  const ranges: { from: number; to: number }[] = []
  for (const page of pages) {
    const last = ranges.at(-1)
    if (last?.to === page) last.to++
    else ranges.push({ from: page, to: page + 1 })
  }
  return ranges
}

function indexes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

/** Returns where the newest `rows` rows of a type begin among others; 0 where there are fewer. */
function cutBefore(items: readonly unknown[], type: string, rows: number): number {
  let left = rows
  for (let index = items.length - 1; index >= 0; index--) {
    if (typeOf(items[index]) === type && --left === 0) return index
  }
  return 0
}

function countOf(items: readonly unknown[], type: string): number {
  return items.reduce<number>((count, item) => (typeOf(item) === type ? count + 1 : count), 0)
}

function matcher(types: readonly string[]): (item: unknown) => boolean {
  const set = new Set<unknown>(types)
  return (item) => set.has(typeOf(item))
}

function nameOf(item: unknown): string {
  return JSON.stringify([typeOf(item), keyOf(item)])
}

function keyOf(item: unknown): string {
  return String((item as { readonly key?: unknown } | null)?.key) // a row, as was checked
}

function typeOf(item: unknown): unknown {
  return (item as { readonly type?: unknown } | null)?.type // a row, as was checked
}
