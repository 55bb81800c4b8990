/** Pauses that are shorter count as one arrival, in milliseconds: an event may come in several pieces. */
const ONE_ARRIVAL = 100
/** After how many usual pauses a silence is unusual. */
const UNUSUAL = 5
/** How soon a silence is unusual at the earliest, in milliseconds. */
const SHORTEST = 1_000
/** What the pause between two arrivals is taken for before anything is known of it, in milliseconds. */
const UNKNOWN = 20_000

/**
 * Learns how often a log brings something, and so which silence is unusual: a server that lost its leader keeps its
 * connections open and silent, which says nothing of a log that is quiet, and much of one that spoke ten times a second
 * (SPEC CH4).
 */
export class Rhythm {
  #pause = UNKNOWN
  #last: number | undefined

  /** Notes that something arrived. */
  noteArrival(now: number = performance.now()): void {
    const pause = now - (this.#last ?? now)
    if (this.#last !== undefined && pause < ONE_ARRIVAL) return
    this.#last = now
    if (pause === 0) return
    // One long pause is an accident: it counts for no more than twice the usual one.
    this.#pause += (Math.min(pause, 2 * this.#pause) - this.#pause) / 4
  }

  /** Returns for how long silence is usual; `longest` at most. In milliseconds. */
  patience(longest: number): number {
    return Math.min(longest, Math.max(SHORTEST, UNUSUAL * this.#pause))
  }

  /** Returns for how long nothing has arrived, in milliseconds; 0 where nothing ever has. */
  silence(now: number = performance.now()): number {
    return now - (this.#last ?? now)
  }
}
