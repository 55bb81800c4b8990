/** How much came of a type. */
export interface TypeTotal {
  readonly events: number
  /** Characters of JSON. */
  readonly characters: number
}

/** What came in a second. */
export interface Second {
  /** Seconds since the epoch. */
  readonly time: number
  readonly events: number
  readonly characters: number
}

/** Seconds that are remembered. */
const remembered = 300

/** Counts what came, by type and by second. Events that the store has dropped stay counted. */
export class EventStatistics {
  readonly #types = new Map<string, { events: number; characters: number }>()
  #seconds: Second[] = []
  #events = 0
  #characters = 0

  /** By type; '' is what names no row. */
  get types(): ReadonlyMap<string, TypeTotal> {
    return this.#types
  }

  get total(): TypeTotal {
    return { events: this.#events, characters: this.#characters }
  }

  countEvent(type: string, size: number): void {
    const total = this.#types.get(type)
    if (total === undefined) {
      this.#types.set(type, { events: 1, characters: size })
      return
    }
    total.events++
    total.characters += size
  }

  count(now: number, events: number, characters: number): void {
    this.#events += events
    this.#characters += characters
    const time = Math.floor(now / 1000)
    const last = this.#seconds.at(-1)
    if (last?.time === time) {
      const sum = { events: last.events + events, characters: last.characters + characters }
      this.#seconds[this.#seconds.length - 1] = { time, ...sum }
      return
    }
    this.#seconds.push({ time, events, characters })
    if (this.#seconds.length > remembered) this.#seconds = this.#seconds.slice(-remembered)
  }

  /** Returns the last `count` seconds before `now`, oldest first, those without events included. */
  seconds(now: number, count: number): readonly Second[] {
    const end = Math.floor(now / 1000)
    const byTime = new Map(this.#seconds.map((second) => [second.time, second]))
    return Array.from({ length: count }, (_, index) => {
      const time = end - count + 1 + index
      return byTime.get(time) ?? { time, events: 0, characters: 0 }
    })
  }
}
