import type { BatchSource } from './batch-source.ts'

/** When the source is verified for a stored write that was not read back, in milliseconds; then again after twice as long. */
const FIRST_DOUBT = 1_000
const LONGEST_PAUSE = 5_000

/** Tracks writes that were acknowledged and not seen in the log: evidence that reading is broken. */
export class UnconfirmedWrites<Write extends object> {
  readonly #source: Pick<BatchSource, 'verify'> | undefined
  readonly #writes = new Set<Write>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #pause = FIRST_DOUBT

  constructor(source: Pick<BatchSource, 'verify'> | undefined) {
    this.#source = source
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
    this.#pause = FIRST_DOUBT
    this.#writes.clear()
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
      this.#schedule()
      this.#source?.verify('unconfirmed-write')
    }, this.#pause)
  }
}
