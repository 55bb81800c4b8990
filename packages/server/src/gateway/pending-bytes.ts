import { Refusal } from './refusal.ts'

/** How many bytes of bodies may be read or wait at once. */
export interface PendingLimits {
  /** Of all requests. */
  readonly all: number
  /** For one principal, so that slow bodies of one leave room for others. */
  readonly each: number
}

/** Counts the bytes of bodies that are read or wait. */
export class PendingBytes {
  readonly #limits: PendingLimits
  readonly #counts = new Map<string, number>()
  #all = 0

  constructor(limits: PendingLimits) {
    this.#limits = limits
  }

  /** Takes room for a body; returns what gives it back. Throws a refusal, 503, where there is not as much left. */
  take(principal: string, bytes: number): () => void {
    const count = (this.#counts.get(principal) ?? 0) + bytes
    if (this.#all + bytes > this.#limits.all) throw busy('Too many bodies wait already.')
    if (count > this.#limits.each) throw busy('Too many of your bodies wait already.')
    this.#all += bytes
    this.#counts.set(principal, count)
    return () => {
      this.#all -= bytes
      const left = (this.#counts.get(principal) ?? bytes) - bytes
      if (left === 0) this.#counts.delete(principal)
      else this.#counts.set(principal, left)
    }
  }
}

function busy(message: string): Refusal {
  return new Refusal({ status: 503, code: 'busy', message, headers: { 'retry-after': '1' } })
}
