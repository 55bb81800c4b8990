/** One response of a scripted log: what a page or a live message carries. */
export interface ScriptedBatch {
  readonly items: readonly unknown[]
  /** More follows: the reader is not up to date behind it. */
  readonly more: boolean
}

/** The batches of a scripted stream, by offset: every read at offset `n` returns batch `n`. */
export class ScriptedLog {
  readonly #batches: ScriptedBatch[] = []
  readonly #listeners = new Set<() => void>()
  #isClosed = false

  get length(): number {
    return this.#batches.length
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether a reader of all batches is up to date. */
  get isComplete(): boolean {
    return this.#batches.at(-1)?.more !== true
  }

  get items(): unknown[] {
    return this.#batches.flatMap(({ items }) => items)
  }

  at(index: number): ScriptedBatch | undefined {
    return this.#batches[index]
  }

  push(batch: ScriptedBatch): void {
    this.#batches.push(batch)
    this.#notify()
  }

  close(): void {
    this.#isClosed = true
    this.#notify()
  }

  /** Calls `run` after each batch, and when the log is closed; returns what ends that. */
  subscribe(run: () => void): () => void {
    this.#listeners.add(run)
    return () => void this.#listeners.delete(run)
  }

  /** Resolves when there is a batch behind `index`, or no more will come; rejects when `signal` aborts. */
  waitFor(index: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        unsubscribe()
        signal.removeEventListener('abort', onAbort)
      }
      const check = (): void => {
        if (index >= this.#batches.length && !this.#isClosed) return
        end()
        resolve()
      }
      const onAbort = (): void => {
        end()
        reject(signal.reason as Error) // an abort's reason is an error
      }
      const unsubscribe = this.subscribe(check)
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
      check()
    })
  }

  #notify(): void {
    for (const run of this.#listeners) run()
  }
}

/** Spells the offset behind so many batches: readers compare offsets as text. */
export function offsetOf(index: number): string {
  return String(index).padStart(16, '0')
}

/** Reads an offset; the beginning where it is none. */
export function indexOf(offset: string | null): number {
  return offset === null || offset === '-1' ? 0 : Number(offset)
}
