import { StreamDBError } from '../src/index.ts'

/** Counts what happened. */
export class Tally {
  readonly confirmedTxIds = new Set<string>()
  readonly failedTxIds = new Map<string, string>()
  readonly #statuses = new Map<string, number>()
  readonly #errors = new Map<string, number>()

  confirmed(txid: string): void {
    this.confirmedTxIds.add(txid)
  }

  failed(txid: string, error: unknown): void {
    this.failedTxIds.set(txid, codeOf(error))
    this.error(error)
  }

  error(error: unknown): void {
    const name = error instanceof StreamDBError ? error.code : String(error)
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1)
  }

  status(name: string): void {
    this.#statuses.set(name, (this.#statuses.get(name) ?? 0) + 1)
  }

  line(): string {
    const breaks = this.#statuses.get('reconnecting') ?? 0
    return `${this.confirmedTxIds.size} confirmed, ${this.failedTxIds.size} failed, ${breaks} times reconnecting`
  }

  details(): string {
    const show = (counts: ReadonlyMap<string, number>): string =>
      [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
    return `statuses: ${show(this.#statuses)}\nerrors: ${show(this.#errors)}`
  }
}

/** Prints a verdict; a bad one is the process's exit code too. */
export function check(what: string, holds: boolean): void {
  console.log(`${holds ? 'ok  ' : 'NOT '} ${what}`)
  if (!holds) process.exitCode = 1
}

/** Returns the heap in use after a collection, in megabytes. */
export function heapMegabytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1_000_000
}

/** Whether the last quarter's median is at most half again as much as the second's: warmed up, and not growing. */
export function memoryIsFlat(samples: readonly number[]): boolean {
  const quarter = Math.floor(samples.length / 4)
  if (quarter === 0) return true
  const median = (from: number): number => {
    const sorted = samples.slice(from, from + quarter).sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? 0
  }
  return median(samples.length - quarter) <= median(quarter) * 1.5
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

function codeOf(error: unknown): string {
  return error instanceof StreamDBError ? error.code : 'unknown'
}
