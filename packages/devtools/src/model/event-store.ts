import { Listeners } from '@streamdb/log'
import { blockSize, effectCode, effects, EventBlock, flags, isChange } from './event-block.ts'
import type { Effect } from './event-block.ts'
import { EventStatistics } from './event-statistics.ts'
import { RowDictionary } from './row-dictionary.ts'

/** How much a store keeps: the oldest events go when it is more. */
export interface StoreLimits {
  /** Default 1,000,000. */
  readonly events: number
  /** Characters of JSON; a byte each where a block of 1,024 events has none beyond Latin-1, else two. Default 268,435,456. */
  readonly characters: number
}

/** What came at once, and from where. */
export interface IncomingBatch {
  readonly items: readonly unknown[]
  /** Where the batch ends in the log. */
  readonly offset: string
  /** When it came, in milliseconds since the epoch. */
  readonly time: number
}

/** A batch that was kept. */
export type KeptBatch = Omit<IncomingBatch, 'items'>

/** Decides which events are this client's own. */
export type IsOwn = (txid: string) => boolean

/** An event as the store knows it. */
export interface StoredEvent {
  readonly number: number
  readonly effect: Effect
  readonly type: string
  readonly key: string
  readonly txid: string | undefined
  /** The event as it came. */
  readonly item: unknown
  readonly text: string
  readonly isOwn: boolean
  readonly isInvalid: boolean
  readonly batch: KeptBatch
}

const defaults: StoreLimits = { events: 1_000_000, characters: 2 ** 28 }
/** So many blocks go at once: what is folded anew behind them costs as much as all rows. */
const droppedAtOnce = 32

/**
 * The events that were seen, in their order, each by a number that never changes.
 *
 * Memory is bounded by `limits`: JSON texts in blocks (see `EventBlock`), about 15 bytes of columns an event, and the keys of
 * the rows that were met. Where the oldest are dropped, `first` moves.
 */
export class EventStore {
  readonly rows: RowDictionary = new RowDictionary()
  readonly statistics: EventStatistics = new EventStatistics()
  readonly #limits: StoreLimits
  readonly #listeners = new Listeners(() => undefined)
  readonly #dropListeners = new Set<(first: number) => void>()
  readonly #changeListeners = new Set<(number: number) => void>()
  #blocks: EventBlock[] = []
  #first = 0
  #end = 0
  #characters = 0
  #batches: KeptBatch[] = []
  #firstBatch = 0
  #lastTxid: string | undefined
  #lastGroup = 0

  constructor(limits: Partial<StoreLimits> = {}) {
    this.#limits = { ...defaults, ...limits }
  }

  /** The number of the oldest event that is kept. */
  get first(): number {
    return this.#first
  }

  /** The number behind the newest. */
  get end(): number {
    return this.#end
  }

  get count(): number {
    return this.#end - this.#first
  }

  /** How many characters of JSON are kept. */
  get characters(): number {
    return this.#characters
  }

  /** Calls `run` after events came, went, or turned out to be invalid; returns what ends it. Bound. */
  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Calls `run` before the events before `first` go. */
  onDrop(run: (first: number) => void): void {
    this.#dropListeners.add(run)
  }

  /** Calls `run` after an event that was there turned out to be invalid. */
  onMarked(run: (number: number) => void): void {
    this.#changeListeners.add(run)
  }

  /** Adds a batch. Never throws: an item that is no event is kept as one that is invalid. */
  append({ items, offset, time }: IncomingBatch, isOwn: IsOwn = () => false): void {
    if (items.length === 0) return
    const batch = this.#firstBatch + this.#batches.length
    this.#batches.push({ offset, time })
    let characters = 0
    for (const item of items) characters += this.#add(item, batch, isOwn)
    this.statistics.count(time, items.length, characters)
    this.#dropOldest()
    this.#listeners.notify()
  }

  /** Notes that the log is read from its beginning again: what follows takes the place of everything before. */
  appendRestart(reason: string, time: number): void {
    this.#batches.push({ offset: '', time })
    const facts = {
      effect: effectCode('restart'),
      row: 0,
      batch: this.#firstBatch + this.#batches.length - 1,
    }
    this.#lastTxid = undefined
    this.#push(JSON.stringify({ restart: reason }), { ...facts, group: this.#end, isOwn: false })
    this.#listeners.notify()
  }

  /** Returns what is known of an event, or nothing where it is not kept. */
  get(number: number): StoredEvent | undefined {
    const found = this.#find(number)
    if (found === undefined) return undefined
    const { block, index } = found
    const text = block.textAt(index)
    const item = parse(text)
    const batch = this.#batches[(block.batches[index] ?? 0) - this.#firstBatch]
    return {
      ...{ number, item, text, txid: txidOf(item) },
      ...this.rows.name(block.rows[index] ?? 0),
      effect: effects[block.effects[index] ?? 0] ?? 'invalid',
      isOwn: ((block.flags[index] ?? 0) & flags.own) !== 0,
      isInvalid: ((block.flags[index] ?? 0) & flags.invalid) !== 0,
      batch: batch ?? { offset: '', time: 0 },
    }
  }

  /** Returns the JSON text of an event; '' where it is not kept. */
  textOf(number: number): string {
    const found = this.#find(number)
    return found === undefined ? '' : found.block.textAt(found.index)
  }

  /** Returns the number of the row that an event names; 0 where it names none. */
  rowOf(number: number): number {
    const found = this.#find(number)
    return found?.block.rows[found.index] ?? 0
  }

  /** Returns the number of the first event of its transaction: those that follow one another with one txid. */
  groupOf(number: number): number {
    const found = this.#find(number)
    return found?.block.groups[found.index] ?? number
  }

  /** Returns the code of an event's effect; that of `invalid` where it was not applied. */
  effectOf(number: number): number {
    const found = this.#find(number)
    if (found === undefined) return effectCode('invalid')
    if (((found.block.flags[found.index] ?? 0) & flags.invalid) !== 0) return effectCode('invalid')
    return found.block.effects[found.index] ?? 0
  }

  /** Returns the block that holds an event, and the number of the block's first event. */
  blockAt(number: number): { readonly block: EventBlock; readonly start: number } | undefined {
    const found = this.#find(number)
    return found && { block: found.block, start: number - found.index }
  }

  /** Marks the newest event that is `item` as one that was not applied; returns its number, where it is found. */
  markInvalid(item: unknown): number | undefined {
    const text = textOf(item)
    const oldest = Math.max(this.#first, this.#end - 64 * blockSize)
    for (let number = this.#end - 1; number >= oldest; number--) {
      const found = this.#find(number)
      if (found === undefined) return undefined
      if (found.block.sizeAt(found.index) !== text.length || found.block.textAt(found.index) !== text)
        continue
      if (((found.block.flags[found.index] ?? 0) & flags.invalid) !== 0) continue
      this.mark(number)
      return number
    }
    return undefined
  }

  /** Marks an event as one that was not applied. */
  mark(number: number): void {
    const found = this.#find(number)
    if (found === undefined) return
    found.block.flags[found.index] = (found.block.flags[found.index] ?? 0) | flags.invalid
    for (const run of this.#changeListeners) run(number)
    this.#listeners.notify()
  }

  #add(item: unknown, batch: number, isOwn: IsOwn): number {
    const text = textOf(item)
    const { effect, type, key, txid } = readFacts(item)
    const group = txid !== undefined && txid === this.#lastTxid ? this.#lastGroup : this.#end
    this.#lastTxid = txid
    this.#lastGroup = group
    const row = type === '' ? 0 : this.rows.number(type, key)
    this.#push(text, { effect, row, group, batch, isOwn: txid !== undefined && isOwn(txid) })
    this.statistics.countEvent(type, text.length)
    return text.length
  }

  #push(text: string, facts: Parameters<EventBlock['add']>[1]): void {
    let block = this.#blocks.at(-1)
    if (block === undefined || block.isFull) this.#blocks.push((block = new EventBlock()))
    block.add(text, facts)
    this.#end++
    this.#characters += text.length
  }

  #find(number: number): { readonly block: EventBlock; readonly index: number } | undefined {
    if (number < this.#first || number >= this.#end) return undefined
    const at = number - this.#first
    const block = this.#blocks[Math.floor(at / blockSize)]
    return block && { block, index: at % blockSize }
  }

  #dropOldest(): void {
    const { events, characters } = this.#limits
    const isOver = (): boolean => this.count > events || this.#characters > characters
    while (isOver() && this.#blocks.length > droppedAtOnce) {
      const first = this.#first + droppedAtOnce * blockSize
      for (const run of this.#dropListeners) run(first)
      for (const block of this.#blocks.splice(0, droppedAtOnce)) this.#characters -= block.characters
      this.#first = first
      const batch = this.#blocks[0]?.batches[0] ?? this.#firstBatch
      this.#batches = this.#batches.slice(batch - this.#firstBatch)
      this.#firstBatch = batch
    }
  }
}

/** What the store needs to know of an item. */
interface Facts {
  readonly effect: number
  /** Empty where it names no row. */
  readonly type: string
  readonly key: string
  readonly txid: string | undefined
}

const codes = new Map<unknown, number>(effects.map((effect, code) => [effect, code]))
const invalid = effectCode('invalid')

/** Reads an item as an event: its parts, and not how large they are. The feed of the store reports other faults. */
function readFacts(item: unknown): Facts {
  // Any JSON: each part is checked.
  const { type, key, value, headers } = (item ?? {}) as Readonly<Record<string, unknown>>
  const { operation, control, txid } = (headers ?? {}) as Readonly<Record<string, unknown>>
  const effect = codes.get(operation ?? control) ?? invalid
  const isTold = operation === undefined || control === undefined
  const named = { effect, type: '', key: '', txid: typeof txid === 'string' ? txid : undefined }
  if (!isTold || effect >= invalid) return { ...named, effect: invalid, txid: undefined }
  if (!isChange(effect)) return operation === undefined ? named : { ...named, effect: invalid }
  if (
    operation === undefined ||
    typeof type !== 'string' ||
    typeof key !== 'string' ||
    type === '' ||
    key === ''
  )
    return { ...named, effect: invalid }
  if (value === undefined && operation !== 'delete') return { ...named, effect: invalid }
  return { effect, type, key, txid: named.txid }
}

function txidOf(item: unknown): string | undefined {
  return readFacts(item).txid
}

/** Returns an item as JSON. What has none, such as an item that was too large to be parsed, as what it calls itself. */
function textOf(item: unknown): string {
  try {
    return JSON.stringify(item) ?? 'null'
  } catch {
    return JSON.stringify(String(item))
  }
}

function parse(text: string): unknown {
  return JSON.parse(text)
}
