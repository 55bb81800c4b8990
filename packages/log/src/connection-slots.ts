/** How many live connections of this page an origin has at most: browsers open six over HTTP/1.1, writes need some. */
const LIMIT = 4

/** A reader that holds a live connection. */
export interface SlotHolder {
  /** Ends its live connection: another reader was used since. It polls until it has news. */
  evict(): void
}

/** The live connections to one origin, the least recently used first. */
export class ConnectionSlots {
  readonly #holders = new Set<SlotHolder>()
  readonly #limit: number

  constructor(limit: number = LIMIT) {
    this.#limit = limit
  }

  /** Takes a connection, or notes that it was used; evicts the least recently used one where there are too many. */
  use(holder: SlotHolder): void {
    this.#holders.delete(holder)
    this.#holders.add(holder)
    if (this.#holders.size <= this.#limit) return
    for (const oldest of this.#holders) {
      this.#holders.delete(oldest)
      oldest.evict()
      return
    }
  }

  release(holder: SlotHolder): void {
    this.#holders.delete(holder)
  }
}

const slots = new Map<string, ConnectionSlots>()

/** Returns the slots of an origin; `undefined` where neither the runtime nor the protocol bounds connections. */
export function slotsOf(origin: string): ConnectionSlots | undefined {
  // Only browsers have a location; over TLS they speak HTTP/2 with about every server.
  if ((globalThis as { location?: unknown }).location === undefined || !origin.startsWith('http:'))
    return undefined
  let found = slots.get(origin)
  if (found === undefined) slots.set(origin, (found = new ConnectionSlots()))
  return found
}
