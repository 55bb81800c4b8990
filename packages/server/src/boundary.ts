import { hashItems, isBefore, textOf } from '@streamdb/log'
import type { Checkpoint, SnapshotOverlap } from '@streamdb/log'

/** A position of the log at which a snapshot can be made, and what lies right before it. */
export interface Boundary {
  readonly checkpoint: Checkpoint
  readonly overlap: SnapshotOverlap | undefined
}

/** The overlap costs every reader its bytes. */
const mostItems = 1000
const mostCharacters = 32 * 1024

/** Items that lie one behind the other. */
class Run {
  /** Where it begins in the log. */
  readonly from: string
  readonly #items: unknown[] = []
  #characters = 0
  #count = 0

  constructor(from: string) {
    this.from = from
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  add(item: unknown): void {
    this.#count++
    // An item that was not parsed, as it is too large.
    if (item === undefined) this.#characters = Infinity
    if (this.#characters > mostCharacters || this.#count > mostItems) return
    this.#items.push(item)
    this.#characters += textOf(item).length
  }

  /** Returns what tells the run from others; nothing where it is empty, or too long. */
  toOverlap(): SnapshotOverlap | undefined {
    if (this.isEmpty || this.#characters > mostCharacters || this.#count > mostItems) return undefined
    return { offset: this.from, items: this.#count, hash: hashItems(this.#items) }
  }
}

/** Where a snapshot of the log began, in the response that is being read. */
type Opening =
  | { readonly type: 'none' }
  /** With the response. */
  | { readonly type: 'first' }
  /** With an append, if the stamps are the server's. */
  | { readonly type: 'stamped'; readonly offset: string }
  /** Somewhere inside. */
  | { readonly type: 'inside' }

/**
 * Follows a log and knows the last position at which a snapshot can be made: the end of a response, and not inside a
 * snapshot of the log. Where the server stamps its events with their offsets, the ends of appends are known as well.
 */
export class BoundaryWatch {
  #last: Boundary | undefined
  #isInsideSnapshot = false
  #opening: Opening = { type: 'none' }
  // The response that is being read, and its last append; none between responses.
  #response: Run | undefined
  #append: Run | undefined
  // The last stamp; `false` where one was missing, or out of order.
  #stamp: string | false | undefined

  /** Nothing, where nothing was read, or no such position is known. */
  get last(): Boundary | undefined {
    return this.#last
  }

  /** Forgets everything: the log is read from its beginning again. */
  clear(): void {
    this.#last = this.#response = this.#append = this.#stamp = undefined
    this.#isInsideSnapshot = false
    this.#opening = { type: 'none' }
  }

  /** Takes note of an item, in the order of the log; `from`: where its response begins. */
  note(item: unknown, from: string): void {
    const { control, offset } = headersOf(item)
    if (this.#response === undefined) {
      this.#response = new Run(from)
      this.#append = new Run(from)
      this.#stamp = undefined
    }
    const before = this.#stamp
    if (before === false || !isStampBehind(offset, before, from)) this.#stamp = false
    else {
      if (before !== undefined && offset !== before) this.#append = new Run(before)
      this.#stamp = offset
    }
    if (typeof control === 'string') this.#noteControl(control, this.#response, before)
    this.#response.add(item)
    this.#append?.add(item)
  }

  /** Takes note of the end of a response. */
  end(checkpoint: Checkpoint): void {
    // Stamps are the server's where all of them are in order, and lead to where the response ends.
    const isStamped = this.#stamp === checkpoint.offset
    const opening = this.#opening
    if (!this.#isInsideSnapshot) {
      const isSame = this.#response === undefined && this.#last?.checkpoint.offset === checkpoint.offset
      const run = isStamped ? this.#append : this.#response
      if (!isSame) this.#last = { checkpoint, overlap: run?.toOverlap() }
    } else if (opening.type === 'stamped' && isStamped) {
      this.#last = { checkpoint: { ...checkpoint, offset: opening.offset }, overlap: undefined }
    } else if (opening.type === 'stamped' || opening.type === 'inside') {
      // The rows have changed since the last boundary, and there is none at the snapshot's beginning.
      this.#last = undefined
    }
    this.#response = this.#append = undefined
    this.#opening = { type: 'none' }
  }

  #noteControl(control: string, response: Run, before: string | false | undefined): void {
    const wasInside = this.#isInsideSnapshot
    this.#isInsideSnapshot = control === 'snapshot-start'
    // Rows do not change while one snapshot takes the place of another that did not end.
    if (this.#isInsideSnapshot && wasInside) return
    if (!this.#isInsideSnapshot) this.#opening = { type: 'none' }
    else if (response.isEmpty) this.#opening = { type: 'first' }
    else if (typeof before === 'string' && this.#append?.isEmpty === true)
      this.#opening = { type: 'stamped', offset: before }
    else this.#opening = { type: 'inside' }
  }
}

/** Tells whether a stamp can be the server's: built as its offsets are, and not before that of the item before. */
function isStampBehind(stamp: unknown, before: string | undefined, from: string): stamp is string {
  if (typeof stamp !== 'string' || stamp === '') return false
  if (before === undefined) return isBefore(from, stamp)
  return stamp.length === before.length && !isBefore(stamp, before)
}

function headersOf(item: unknown): { readonly control?: unknown; readonly offset?: unknown } {
  const { headers } = Object(item) as { readonly headers?: unknown } // looked at, whatever it is
  return Object(headers) as { readonly control?: unknown; readonly offset?: unknown } // as above
}
