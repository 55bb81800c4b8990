import { Listeners } from '@streamdb/log'
import { blockSize } from './event-block.ts'
import { blockPattern, isEmptyFilter, matcherOf } from './event-filter.ts'
import type { EventFilter, Matcher } from './event-filter.ts'
import type { EventStore } from './event-store.ts'
import { Numbers } from './numbers.ts'

/** A line of the timeline. */
export type TimelineLine =
  | { readonly type: 'event'; readonly number: number; readonly isInGroup: boolean }
  /** A transaction of several events that pass; `first` is the number of the first of them. */
  | {
      readonly type: 'group'
      readonly group: number
      readonly first: number
      readonly count: number
      readonly isOpen: boolean
    }

/** Runs the next part of a long piece of work, after what waits. */
export type RunLater = (run: () => void) => void

/** How long a part of filtering may take, in milliseconds. */
const sliceTime = 8

/**
 * The events that pass a filter, with transactions as groups: what the timeline shows, line by line.
 *
 * Events are filtered in slices of a few milliseconds, between which the page reacts: lines appear as they are found. A group
 * is opened and closed without a look at the others.
 */
export class Timeline {
  readonly #store: EventStore
  readonly #runLater: RunLater
  readonly #listeners = new Listeners(() => undefined)
  readonly #matches = new Numbers()
  // Where in the matches each group begins.
  readonly #starts = new Numbers()
  // Of groups that are open: the number of their first event.
  readonly #open = new Set<number>()
  #openStarts: OpenGroups = { indexes: [], extra: [] }
  #filter: EventFilter = {}
  #matcher: Matcher = () => true
  #next = 0
  #isGrouped = true
  #isWaiting = false
  #version = 0

  constructor(store: EventStore, runLater: RunLater) {
    this.#store = store
    this.#runLater = runLater
    this.#next = store.first
    store.subscribe(() => this.#wait())
    store.onDrop((first) => this.#drop(first))
    this.#wait()
  }

  get filter(): EventFilter {
    return this.#filter
  }

  get isGrouped(): boolean {
    return this.#isGrouped
  }

  /** How many events pass, of those that were looked at. */
  get matchCount(): number {
    return this.#matches.length
  }

  /** How much of the log was looked at, from 0 to 1. */
  get progress(): number {
    const { first, count } = this.#store
    return count === 0 ? 1 : (this.#next - first) / count
  }

  /** How many lines there are. */
  get length(): number {
    return this.#isGrouped ? this.#starts.length + (this.#openStarts.extra.at(-1) ?? 0) : this.#matches.length
  }

  /** Changes with every change of the lines. */
  get version(): number {
    return this.#version
  }

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  setFilter(filter: EventFilter): void {
    this.#filter = filter
    this.#matcher = isEmptyFilter(filter) ? () => true : matcherOf(filter, this.#store)
    this.#restart()
  }

  setGrouped(isGrouped: boolean): void {
    this.#isGrouped = isGrouped
    this.#changed()
  }

  /** Opens or closes a transaction. */
  toggle(group: number): void {
    if (!this.#open.delete(group)) this.#open.add(group)
    this.#findOpen()
    this.#changed()
  }

  /** Returns a line; nothing where there is none. */
  line(index: number): TimelineLine | undefined {
    if (index < 0 || index >= this.length) return undefined
    if (!this.#isGrouped) return { type: 'event', number: this.#matches.at(index), isInGroup: false }
    const { group, within } = this.#locate(index)
    const from = this.#starts.at(group)
    const count = this.#countOf(group)
    if (within > 0) return { type: 'event', number: this.#matches.at(from + within - 1), isInGroup: true }
    const first = this.#matches.at(from)
    if (count === 1) return { type: 'event', number: first, isInGroup: false }
    const id = this.#store.groupOf(first)
    return { type: 'group', group: id, first, count, isOpen: this.#open.has(id) }
  }

  /** Returns the index of the line that shows an event, or its group, or the next event that passes. */
  indexOf(number: number): number {
    const match = this.#matches.lowerBound(number)
    if (!this.#isGrouped) return match
    const group = this.#groupAt(match)
    const { indexes, extra } = this.#openStarts
    const before = lastBefore(indexes, group)
    const isOpen = indexes[before + 1] === group
    return group + (extra[before] ?? 0) + (isOpen ? match - this.#starts.at(group) + 1 : 0)
  }

  /** Looks at everything at once: for tests, and for exports. */
  finish(): void {
    while (this.#next < this.#store.end) this.#lookAtBlock()
    this.#changed()
  }

  #restart(): void {
    this.#matches.clear()
    this.#starts.clear()
    this.#next = this.#store.first
    this.#findOpen()
    this.#changed()
    this.#wait()
  }

  #wait(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#runLater(() => {
      this.#isWaiting = false
      this.#run()
    })
  }

  #run(): void {
    const end = performance.now() + sliceTime
    while (this.#next < this.#store.end && performance.now() < end) this.#lookAtBlock()
    if (this.#open.size > 0) this.#findOpen()
    this.#changed()
    if (this.#next < this.#store.end) this.#wait()
  }

  /** Looks at the rest of a block. */
  #lookAtBlock(): void {
    const found = this.#store.blockAt(this.#next)
    if (found === undefined) {
      this.#next = Math.max(this.#next + 1, this.#store.first)
      return
    }
    const { block, start } = found
    const end = Math.min(start + block.count, start + blockSize)
    const pattern = blockPattern(this.#filter)
    if (pattern === undefined || block.mayMatch(pattern)) {
      for (let number = this.#next; number < end; number++) {
        if (this.#matcher(number)) this.#addMatch(number)
      }
    }
    this.#next = end
  }

  #addMatch(number: number): void {
    const { length } = this.#matches
    const last = length === 0 ? -1 : this.#store.groupOf(this.#matches.at(length - 1))
    if (last !== this.#store.groupOf(number)) this.#starts.push(length)
    this.#matches.push(number)
  }

  #drop(first: number): void {
    if (this.#next < first) this.#next = first
    const gone = this.#matches.dropBefore(first)
    if (gone === 0) return
    // The indexes move: the groups are found again.
    const numbers = Array.from({ length: this.#matches.length }, (_, index) => this.#matches.at(index))
    this.#matches.clear()
    this.#starts.clear()
    let last = -1
    for (const number of numbers) {
      // Of the first transaction the beginning may be gone.
      const group = Math.max(first, this.#store.groupOf(number))
      if (group !== last) this.#starts.push(this.#matches.length)
      last = group
      this.#matches.push(number)
    }
    for (const group of this.#open) if (group < first) this.#open.delete(group)
    this.#findOpen()
  }

  #countOf(group: number): number {
    const end = group + 1 < this.#starts.length ? this.#starts.at(group + 1) : this.#matches.length
    return end - this.#starts.at(group)
  }

  /** Returns the index of the group that holds a match. */
  #groupAt(match: number): number {
    const found = this.#starts.lowerBound(match)
    return this.#starts.at(found) === match && found < this.#starts.length ? found : Math.max(0, found - 1)
  }

  /** Notes which groups are open, in their order, and how many lines these add. */
  #findOpen(): void {
    const indexes = [...this.#open]
      .map((number) => this.#groupAt(this.#matches.lowerBound(number)))
      .filter((group) => group < this.#starts.length)
      .filter((group) => this.#open.has(this.#store.groupOf(this.#matches.at(this.#starts.at(group)))))
      .filter((group) => this.#countOf(group) > 1)
    const sorted = [...new Set(indexes)].sort((one, other) => one - other)
    let sum = 0
    this.#openStarts = { indexes: sorted, extra: sorted.map((group) => (sum += this.#countOf(group))) }
  }

  /** Returns the group of a line, and which of its lines it is: 0 is the group's own. */
  #locate(index: number): { readonly group: number; readonly within: number } {
    const { indexes, extra } = this.#openStarts
    // The line of an open group's head: its index, and the lines that open ones before it add.
    let low = 0
    let high = indexes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((indexes[middle] ?? 0) + (extra[middle - 1] ?? 0) < index) low = middle + 1
      else high = middle
    }
    const before = low - 1
    const group = indexes[before]
    if (group === undefined) return { group: index, within: 0 }
    const within = index - group - (extra[before - 1] ?? 0)
    if (within <= this.#countOf(group)) return { group, within }
    return { group: index - (extra[before] ?? 0), within: 0 }
  }

  #changed(): void {
    this.#version++
    this.#listeners.notify()
  }
}

/** The groups that are open, by their indexes, and how many lines these and those before them add. */
interface OpenGroups {
  readonly indexes: readonly number[]
  readonly extra: readonly number[]
}

/** Returns the index of the last value before `value`, or -1; they ascend. */
function lastBefore(values: readonly number[], value: number): number {
  let index = values.length - 1
  while (index >= 0 && (values[index] ?? 0) >= value) index--
  return index
}
