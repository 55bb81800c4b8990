import type { BatchSource } from './batch-source.ts'

/** When a source is verified, in milliseconds: after `first`, then again after twice as long, up to `longest`. */
export interface DoubtTimes {
  readonly first: number
  readonly longest: number
}

const defaultDoubts: DoubtTimes = { first: 1_000, longest: 5_000 }

/**
 * Tracks writes that are stored and were not seen in the log: evidence that reading is broken. The source is verified for as
 * long as there is one.
 */
export class UnconfirmedWrites<Write extends object> {
  readonly #source: Pick<BatchSource, 'verify'> | undefined
  readonly #writes = new Set<Write>()
  readonly #times: DoubtTimes
  #timer: ReturnType<typeof setTimeout> | undefined
  #pause: number

  constructor(source: Pick<BatchSource, 'verify'> | undefined, times: DoubtTimes = defaultDoubts) {
    this.#source = source
    this.#times = times
    this.#pause = times.first
  }

  add(write: Write): void {
    if (this.#source === undefined) return
    this.#writes.add(write)
    if (this.#timer === undefined) this.#schedule()
  }

  delete(write: Write): void {
    if (!this.#writes.delete(write) || this.#writes.size > 0) return
    this.clear()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pause = this.#times.first
    this.#writes.clear()
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#pause = Math.min(this.#times.longest, this.#pause * 2)
      this.#schedule()
      this.#source?.verify('unconfirmed-write')
    }, this.#pause)
  }
}
