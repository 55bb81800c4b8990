/** Pauses that are shorter count as one arrival, in milliseconds: an event may come in several pieces. */
const ONE_ARRIVAL = 100
/** After how many usual pauses a silence is unusual. */
const UNUSUAL = 5
/** How soon a silence is unusual at the earliest, in milliseconds. */
const SHORTEST = 1_000
/** How many pauses are known before anything is concluded; from then on each counts for one in so many. */
const ENOUGH = 4

/**
 * Measures how often a log has new events, to detect an unusual silence: a server that lost its leader keeps its connections
 * open and silent, which is normal for a quiet log, and unusual for one with ten events a second (SPEC CH4).
 */
export class Rhythm {
  #pause = 0
  #count = 0
  #last: number | undefined

  /** Notes that something arrived. */
  noteArrival(now: number = performance.now()): void {
    const pause = now - (this.#last ?? now)
    if (this.#last !== undefined && pause < ONE_ARRIVAL) return
    this.#last = now
    if (pause === 0) return
    if (this.#count < ENOUGH) this.#count++
    // One long pause is an accident: once the rhythm is known, it counts for no more than twice the usual one.
    const counted = this.#count < ENOUGH ? pause : Math.min(pause, 2 * this.#pause)
    this.#pause += (counted - this.#pause) / this.#count
  }

  /** Returns for how long silence is usual; `longest` at most. In milliseconds. */
  patience(longest: number): number {
    if (this.#count < ENOUGH) return longest
    return Math.min(longest, Math.max(SHORTEST, UNUSUAL * this.#pause))
  }

  /** Returns for how long nothing has arrived, in milliseconds; 0 where nothing ever has. */
  silence(now: number = performance.now()): number {
    return now - (this.#last ?? now)
  }
}
