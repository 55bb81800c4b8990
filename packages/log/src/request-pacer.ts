/** The longest pause, in milliseconds: a replica that has no leader answers nothing new until it has one again. */
const LONGEST = 500

/** The number of successive answers without an item that are requested without a pause. */
const BARREN_ANSWERS = 20

/**
 * Delays requests after answers without items, for any reason: a server that answers empty at once, or a log whose resets send
 * the reader back and forth. Every loop of requests has a pause (SPEC F-net-6).
 */
export class RequestPacer {
  #level = 0
  #last = -Infinity
  #barren = 0

  /** Notes an answer; `isBarren`: it moved on, and brought nothing. */
  noteAnswer(isBarren: boolean): void {
    this.#barren = isBarren ? this.#barren + 1 : 0
  }

  /** A server leads on and on, and gives nothing. */
  get isBarren(): boolean {
    return this.#barren > BARREN_ANSWERS
  }

  /** Notes one more request for nothing; returns how long to wait, in milliseconds: longer, the more there were of late. */
  next(now: number = performance.now()): number {
    // One is forgotten every two seconds.
    this.#level = Math.min(6, Math.max(0, this.#level - (now - this.#last) / 2000) + 1)
    this.#last = now
    return Math.min(LONGEST, 25 * 2 ** this.#level)
  }
}
