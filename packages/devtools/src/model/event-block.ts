import type { Control, Operation } from '@streamdb/state'

/** How many events a block holds. */
export const blockSize = 1024

/**
 * What an event does: its operation or control; `invalid` where it is no event. `restart` is no event of the log: from there
 * on it was read from its beginning again.
 */
export type Effect = Operation | Control | 'invalid' | 'restart'

/** The effects, each at its code. A change's codes come first. */
export const effects = [
  'insert',
  'update',
  'upsert',
  'delete',
  'snapshot-start',
  'snapshot-end',
  'reset',
  'invalid',
  'restart',
] as const satisfies readonly Effect[]

/** What is known of an event besides its text. */
export interface EventFacts {
  readonly effect: number
  /** The number of its row in the store's dictionary; 0 where it names none. */
  readonly row: number
  /** The number of the first event of its transaction, or of itself. */
  readonly group: number
  /** The number of the batch that brought it. */
  readonly batch: number
  /** It has the txid of a write of this client. */
  readonly isOwn: boolean
}

/**
 * Up to `blockSize` events in columns: their JSON texts as one string, and a number or two each.
 *
 * One string of a thousand lines takes a byte a character, and is searched by the engine; a thousand parsed objects take
 * several times that.
 */
export class EventBlock {
  readonly effects: Uint8Array = new Uint8Array(blockSize)
  readonly rows: Uint32Array = new Uint32Array(blockSize)
  readonly groups: Uint32Array = new Uint32Array(blockSize)
  readonly batches: Uint32Array = new Uint32Array(blockSize)
  readonly flags: Uint8Array = new Uint8Array(blockSize)
  readonly #ends = new Uint32Array(blockSize)
  #lines: string[] = []
  #text = ''
  #count = 0
  #characters = 0

  get count(): number {
    return this.#count
  }

  /** How many characters its texts have. */
  get characters(): number {
    return this.#characters
  }

  get isFull(): boolean {
    return this.#count === blockSize
  }

  /** Adds an event; only where it is not full. */
  add(text: string, { effect, row, group, batch, isOwn }: EventFacts): void {
    const index = this.#count++
    this.effects[index] = effect
    this.rows[index] = row
    this.groups[index] = group
    this.batches[index] = batch
    this.flags[index] = isOwn ? flags.own : 0
    this.#characters += text.length
    this.#ends[index] = this.#characters
    this.#lines.push(text)
    if (this.isFull) {
      this.#text = this.#lines.join('')
      this.#lines = []
    }
  }

  /** Returns the JSON text of an event; '' where there is none. */
  textAt(index: number): string {
    if (!this.isFull) return this.#lines[index] ?? ''
    return this.#text.slice(index === 0 ? 0 : this.#ends[index - 1], this.#ends[index])
  }

  sizeAt(index: number): number {
    return (this.#ends[index] ?? 0) - (index === 0 ? 0 : (this.#ends[index - 1] ?? 0))
  }

  /** Tells whether any text may match: a quick look before one at each. */
  mayMatch(pattern: RegExp): boolean {
    return this.isFull ? pattern.test(this.#text) : this.#lines.some((line) => pattern.test(line))
  }
}

/** The bits of a block's `flags`. */
export const flags = { own: 1, invalid: 2 } as const

/** Returns the code of an event's effect. */
export function effectCode(effect: Effect): number {
  return effects.indexOf(effect)
}

/** Tells whether an effect is one of a change. */
export function isChange(code: number): boolean {
  return code <= 3
}
