/** The longest pause, in milliseconds: a replica that has no leader answers nothing new until it has one again. */
const LONGEST = 500

/**
 * Spaces out requests that bring nothing, whatever the reason: a server that answers at once with nothing, a log that
 * sends its reader to and fro. No loop of requests goes without a pause (SPEC F-net-6).
 */
export class RequestPacer {
  #level = 0
  #last = -Infinity

  /** Notes one more request for nothing; returns how long to wait, in milliseconds: longer, the more there were of late. */
  next(now: number = performance.now()): number {
    // One is forgotten every two seconds.
    this.#level = Math.min(6, Math.max(0, this.#level - (now - this.#last) / 2000) + 1)
    this.#last = now
    return Math.min(LONGEST, 25 * 2 ** this.#level)
  }
}
