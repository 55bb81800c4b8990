import { Refusal } from './refusal.ts'

/** A read that is under way. */
export interface LiveRead {
  /** Says whose it is. */
  readonly userOf: () => string
  /** The log that is read, itself or a snapshot of it. */
  readonly stream: string
  /** Asks whether it may go on, and ends it otherwise; resolves with whether it was ended. Never rejects. */
  readonly check: () => Promise<boolean>
}

/** A read that was added. */
export interface AddedRead {
  /** It is not asked about any more: it has what was allowed, and is to be sent. */
  readonly settle: () => void
  /** It is over. May be called again. */
  readonly end: () => void
}

/** Which reads: those of a user, of a stream, or of both; all of them where nothing is said. */
export interface LiveReadFilter {
  readonly user?: string | undefined
  readonly stream?: string | undefined
}

/** How many rules are asked at once. */
const mostAtOnce = 100

/** The reads that are under way. */
export class LiveReads {
  readonly #reads = new Set<LiveRead>()
  // By the user who began them.
  readonly #counts = new Map<string, number>()
  readonly #most: number
  #checks = 0

  /** `most`: how many a user may have. */
  constructor(most: number) {
    this.#most = most
  }

  /** How often the rules were called for all reads: a result from before the latest call may be outdated. */
  get checks(): number {
    return this.#checks
  }

  /** Adds one. Throws a refusal, 429, where its user has as many already as one may. */
  add(read: LiveRead): AddedRead {
    const user = read.userOf()
    const count = (this.#counts.get(user) ?? 0) + 1
    if (count > this.#most) throw tooMany(this.#most)
    this.#counts.set(user, count)
    this.#reads.add(read)
    let isOver = false
    return {
      settle: () => void this.#reads.delete(read),
      end: () => {
        if (isOver) return
        isOver = true
        this.#reads.delete(read)
        const left = (this.#counts.get(user) ?? 1) - 1
        if (left === 0) this.#counts.delete(user)
        else this.#counts.set(user, left)
      },
    }
  }

  /** Asks about each of them; resolves with how many were ended. Never rejects. */
  async check({ user, stream }: LiveReadFilter): Promise<number> {
    this.#checks++
    const asked = [...this.#reads].filter(
      (read) => (user ?? read.userOf()) === read.userOf() && (stream ?? read.stream) === read.stream,
    )
    let ended = 0
    while (asked.length > 0) {
      const results = await Promise.all(asked.splice(0, mostAtOnce).map((read) => read.check()))
      ended += results.filter(Boolean).length
    }
    return ended
  }
}

function tooMany(most: number): Refusal {
  const message = `At most ${most} reads at once are accepted.`
  return new Refusal({ status: 429, code: 'rate-limited', message, headers: { 'retry-after': '1' } })
}
