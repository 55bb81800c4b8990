import { isBefore, start } from '@streamdb/log'
import type { Batch } from '@streamdb/log'

/** What to do about the offset of a `reset`. */
export type ResetTarget =
  /** It has none, or it is the server's stamp on the event: reading goes on behind the event. */
  | { readonly type: 'none' }
  /** Reading goes on from there. */
  | { readonly type: 'seek'; readonly offset: string }
  /** It was obeyed before: this is the same reset, or one alike, on the way from there. */
  | { readonly type: 'obeyed' }
  /** Reading cannot go on from there: it is an issue, and the event is a reset without an offset. */
  | { readonly type: 'unusable'; readonly offset: string; readonly expected: string }

/** From so many on, the log's other offsets are not tried: each costs requests, and a pause. */
const mostRefused = 3

/** Offsets of resets that were seen. Bounded: a log of made-up offsets must not fill the memory. */
export class SeenTargets {
  readonly #offsets = new Set<string>()

  add(offset: string): void {
    this.#offsets.add(offset)
    for (const oldest of this.#offsets) {
      if (this.#offsets.size <= 1000) break
      this.#offsets.delete(oldest)
    }
  }

  has(offset: string): boolean {
    return this.#offsets.has(offset)
  }

  delete(offset: string): void {
    this.#offsets.delete(offset)
  }

  get size(): number {
    return this.#offsets.size
  }

  clear(): void {
    this.#offsets.clear()
  }
}

/** What is known of the reader and of the server that answered it. */
export interface ResetContext {
  readonly batch: Pick<Batch, 'from' | 'offset'>
  /** The server stamps its events with their offsets, over what a writer gave. */
  readonly isStamped: boolean
  readonly obeyed: Pick<SeenTargets, 'has'>
  /** Offsets that the server refused, or behind which it has nothing. */
  readonly refused: Pick<SeenTargets, 'has' | 'size'>
}

/**
 * Decides where a `reset` with an offset sends the reader (SPEC M4).
 *
 * Only forward, and to the start of the log once: an offset that lies before the event would make readers that are
 * there already, and readers that come later, end at other rows (SPEC F-real-68).
 */
export function resetTarget(
  offset: unknown,
  { batch, isStamped, obeyed, refused }: ResetContext,
): ResetTarget {
  if (typeof offset !== 'string' || offset === '' || isStamped) return { type: 'none' }
  if (obeyed.has(offset)) return { type: 'obeyed' }
  if (refused.has(offset) || refused.size >= mostRefused)
    return { type: 'unusable', offset, expected: 'an offset that the stream has' }
  if (offset === start) return { type: 'seek', offset }
  if (!isAlike(offset, batch.offset)) {
    return { type: 'unusable', offset, expected: `an offset of this stream, such as "${batch.offset}"` }
  }
  if (isBefore(batch.offset, offset)) return { type: 'seek', offset }
  return {
    type: 'unusable',
    offset,
    expected: `an offset behind "${batch.offset}", where this event was read`,
  }
}

/** Tells whether a text can be an offset of the stream that has the other one: both are numbers, or are built alike. */
function isAlike(offset: string, other: string): boolean {
  const isNumber = /^\d+$/
  if (isNumber.test(offset) && isNumber.test(other)) return true
  return shapeOf(offset) === shapeOf(other)
}

function shapeOf(offset: string): string {
  return offset.replace(/\d/g, '0').replace(/[a-z]/gi, 'a')
}
