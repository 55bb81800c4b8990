/** How long SSE is not tried again where it did not get through, in milliseconds; it doubles, up to the longest. */
const FIRST_BLOCK = 60_000
const LONGEST_BLOCK = 600_000

/**
 * Remembers whether SSE gets through to an origin: proxies on the way may refuse it, or hold it back. Shared by all
 * readers of the origin, so that each new one need not find out by itself.
 */
export class SseSupport {
  #failures = 0
  #blocks = 0
  #blockedUntil = -Infinity

  #isPossible = true

  /** Whether the runtime gives responses piece by piece. */
  get isPossible(): boolean {
    return this.#isPossible
  }

  ruleOut(): void {
    this.#isPossible = false
  }

  get isUsable(): boolean {
    return performance.now() >= this.#blockedUntil
  }

  /** A connection delivered something. */
  worked(): void {
    this.#failures = 0
  }

  /** A connection could not be opened, broke or stood still; the third in a row is one too many. */
  failed(): void {
    if (++this.#failures > 2) this.block()
  }

  /** A connection was opened and held back. */
  block(): void {
    this.#failures = 0
    this.#blockedUntil = performance.now() + Math.min(LONGEST_BLOCK, FIRST_BLOCK * 2 ** this.#blocks++)
  }
}

const supports = new Map<string, SseSupport>()

/** Returns what is known of an origin. */
export function sseSupportOf(origin: string): SseSupport {
  let support = supports.get(origin)
  if (support === undefined) supports.set(origin, (support = new SseSupport()))
  return support
}
