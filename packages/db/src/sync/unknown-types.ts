import { warnInDevelopment } from '../development.ts'

// A log of made-up types must not fill the memory.
const mostTypes = 100

/** Counts the events of types that no collection has (SPEC P3), and warns of them in development. */
export class UnknownTypes {
  readonly #url: string
  readonly #known: readonly string[]
  readonly #counts = new Map<string, number>()
  readonly #warned = new Set<string>()
  #total = 0

  /** `url` names the stream, and `known` the types that have a collection, for the warning. */
  constructor(url: string, known: readonly string[]) {
    this.#url = url
    this.#known = known
  }

  /** How many events there were in all. */
  get total(): number {
    return this.#total
  }

  count(type: string): void {
    this.#total++
    const count = this.#counts.get(type)
    if (count === undefined && this.#counts.size >= mostTypes) return
    this.#counts.set(type, (count ?? 0) + 1)
  }

  /** The counts by type. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /**
   * Warns of types that were not warned of yet: a misspelled type is an empty list, and nothing else says why
   * (F-real-32). Called when a batch is applied, so that the first warning has the number of the whole log.
   */
  warn(): void {
    if (this.#warned.size === this.#counts.size) return
    for (const [type, count] of this.#counts) {
      if (this.#warned.has(type)) continue
      this.#warned.add(type)
      const events = count === 1 ? '1 event' : `${count} events`
      const have = count === 1 ? 'has' : 'have'
      const known = this.#known.map((each) => `\`${each}\``).join(', ')
      warnInDevelopment(
        `${events} of type \`${type}\` ${have} no collection; known: ${known} (${this.#url}). ` +
          `Define a collection with this type in createStateSchema to see the rows; otherwise ignore this.`,
      )
    }
  }
}
