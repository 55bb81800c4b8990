import {
  decodeStateEvent,
  foldChange,
  foldControl,
  isChangeEvent,
  noChanges,
  StateIssue,
  takeChanges,
  validateRow,
} from '@streamdb/state'
import type { ChangeEvent, Changes, CollectionDefinition, ControlEvent } from '@streamdb/state'
import { isBefore } from '@streamdb/log'
import type { Batch } from '@streamdb/log'

/** What the intake tells whoever owns it. What one throws stops reading, at this batch. */
export interface IntakeListener {
  readonly onEvent?: ((event: ChangeEvent) => void) | undefined
  /** Given every row that the log puts, `undefined` where it deletes. */
  readonly onRow?: ((event: ChangeEvent, row: object | undefined) => void) | undefined
  onIssue(issue: StateIssue, offset: string): void
  onUnknownType(type: string): void
}

/** Takes batches in: decodes, validates and folds their items into changes, which a commit takes out. */
export class Intake {
  readonly #definitions: ReadonlyMap<string, CollectionDefinition>
  readonly #listener: IntakeListener
  readonly #makesRows = new Set<CollectionDefinition>()
  readonly #obeyedResets = new Set<string>()
  // Offsets of resets that are none: such a reset has none then.
  readonly #refusedSeeks = new Set<string>()
  #changes: Changes = noChanges()
  #taken = 0
  // Where the response began that is taken in, and how many of its items are in.
  #within: string | undefined
  #done = 0
  // The last stamp of what is in of it.
  #reached = ''
  #lastTxid: unknown

  /** `definitions`: by event type. */
  constructor(definitions: ReadonlyMap<string, CollectionDefinition>, listener: IntakeListener) {
    this.#definitions = definitions
    for (const definition of definitions.values()) {
      if (/^(zod|valibot)$/.test(definition.schema['~standard'].vendor)) this.#makesRows.add(definition)
    }
    this.#listener = listener
  }

  /**
   * Folds a batch in; returns the offset to go on from, where a `reset` sends the reader elsewhere.
   *
   * Such a reset is obeyed once: seen again, on the way from where it sent us, it is passed over, so that a log
   * cannot loop its reader (DESIGN M4). What follows it in the batch is then not this reader's.
   */
  take(batch: Batch): string | undefined {
    const { items, first, from, offset } = batch
    // What is in of a response must not go in twice, where it broke off, or the listener stopped it (DESIGN M6).
    if (from !== this.#within) {
      this.#done = 0
      this.#reached = from
    }
    this.#within = from
    const stamped = isStamped(batch)
    for (let index = Math.max(0, this.#done - first); index < items.length; index++) {
      this.#done = first + index
      const item = items[index]
      const stamp = stamped ? headerOf(item, 'offset') : undefined
      if (typeof stamp === 'string') {
        // Delivered again (FAULTS F-mat-4); the events of one append share its stamp.
        if (isBefore(stamp, this.#reached) || stamp === from) continue
        if (!isBefore(offset, stamp)) this.#reached = stamp
      }
      this.#taken++
      const event = decodeStateEvent(item)
      if (event instanceof StateIssue) {
        this.#listener.onIssue(event, offset)
      } else if (isChangeEvent(event)) {
        this.#change(event, offset)
      } else {
        const target = resetTarget(event, batch)
        const elsewhere = target !== undefined && this.#refusedSeeks.has(target) ? undefined : target
        if (elsewhere === undefined) {
          foldControl(this.#changes, event)
        } else if (!this.#obeyedResets.has(elsewhere)) {
          this.#obeyedResets.add(elsewhere)
          foldControl(this.#changes, event)
          this.#within = undefined
          return elsewhere
        }
      }
    }
    this.#done = Math.max(this.#done, first + items.length)
    if (batch.complete) this.#within = undefined
    return undefined
  }

  /** An offset that a reset named is none: the batch comes again. */
  refuseSeek(offset: string): void {
    this.#refusedSeeks.add(offset)
    this.#obeyedResets.delete(offset)
  }

  /** Returns the items of a batch that are not in yet: all, but for a response that broke off, or was stopped. */
  newOf({ items, first, from }: Batch): readonly unknown[] {
    const done = from === this.#within ? this.#done - first : 0
    return done > 0 ? items.slice(done) : items
  }

  /** How many items were taken in. */
  get taken(): number {
    return this.#taken
  }

  /** Whether what was taken in replaces all that is shown: it is to be complete then. */
  get replaces(): boolean {
    return this.#changes.replaces
  }

  /** Whether the last event belongs to a transaction, of which more may come. */
  get insideTransaction(): boolean {
    return this.#lastTxid !== undefined
  }

  /** Whether the last transaction goes on in a batch. */
  goesOnIn({ items }: Batch): boolean {
    return items.length > 0 && headerOf(items[0], 'txid') === this.#lastTxid
  }

  /** Whether a snapshot has begun and not ended: what it holds so far is known to nobody but us. */
  get insideSnapshot(): boolean {
    return this.#changes.snapshot !== undefined
  }

  /** The transactions that were taken in. */
  get txids(): Set<string> {
    return this.#changes.txids
  }

  /** Takes out what is to be shown; an unfinished snapshot stays in. */
  takeChanges(): Changes {
    return takeChanges(this.#changes)
  }

  /** Forgets what was taken in, and makes the next changes replace everything: the log is read anew. */
  restart(): void {
    this.#changes = noChanges()
    this.#changes.replaces = true
    this.#obeyedResets.clear()
    this.#within = undefined
  }

  #change(event: ChangeEvent, offset: string): void {
    const definition = this.#definitions.get(event.type)
    const { txid } = event.headers
    this.#lastTxid = txid
    if (definition === undefined) {
      // Its rows are nobody's; its transaction is in the log. Inside a snapshot it is seen when that is (DESIGN M5).
      if (typeof txid === 'string') (this.#changes.snapshot ?? this.#changes).txids.add(txid)
      this.#listener.onUnknownType(event.type)
    } else if (event.headers.operation === 'delete') {
      foldChange(this.#changes, event, undefined)
      this.#listener.onRow?.(event, undefined)
    } else {
      const row = validateRow(event, definition)
      if (row instanceof StateIssue) {
        this.#listener.onIssue(row, offset)
        return
      }
      // TanStack spreads every row. Node 20 gives a spread of an extensible object a hidden class of its own: 5 us and
      // 470 B a row, against 0.1 us and 130 B (bench, inserts: CPU by a quarter). Only where the library is known to make
      // its rows anew: nobody else's object is to be touched (C2).
      if (this.#makesRows.has(definition)) Object.preventExtensions(row)
      foldChange(this.#changes, event, row)
      this.#listener.onRow?.(event, row)
    }
    this.#listener.onEvent?.(event)
  }
}

/**
 * Tells whether the server stamps its events: only such a one says where the response ends. An offset that a writer
 * sent along proves nothing. A part of a response ends elsewhere: there every item is to have a stamp that fits.
 */
function isStamped({ items, from, offset, complete }: Batch): boolean {
  if (complete) return items.some((item) => headerOf(item, 'offset') === offset)
  return items.every((item) => {
    const stamp = headerOf(item, 'offset')
    if (typeof stamp !== 'string' || stamp.length !== offset.length) return false
    return isBefore(from, stamp) && !isBefore(offset, stamp)
  })
}

/** Returns a header of an item, of which nothing is known yet. */
function headerOf(item: unknown, name: 'offset' | 'txid'): unknown {
  return (item as { headers?: { offset?: unknown; txid?: unknown } | null } | null)?.headers?.[name] // as just said
}

/**
 * Returns where a reset sends the reader, if that is elsewhere.
 *
 * A server may stamp an event with its own offset, which lies inside the batch: then reading just goes on.
 */
function resetTarget(event: ControlEvent, batch: Batch): string | undefined {
  const { control, offset } = event.headers
  if (control !== 'reset' || typeof offset !== 'string' || offset === '') return undefined
  const inside = isBefore(batch.from, offset) && !isBefore(batch.offset, offset)
  return inside ? undefined : offset
}
