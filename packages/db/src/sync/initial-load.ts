import { deferred } from '@streamdb/log'
import type { Deferred, StreamDBError } from '@streamdb/log'

/** How far the first load has come. */
export type LoadState =
  | { readonly name: 'not-loaded' }
  /** Rows of a hydrated page or a store are visible; nothing was read from the log yet. */
  | { readonly name: 'hydrated' }
  | { readonly name: 'loading' }
  /** Rows of a store are visible, and the log is read on from there. */
  | { readonly name: 'restored' }
  /** Rows of a store are visible, and the log behind them could not be reached: there is nothing better to wait for. */
  | { readonly name: 'cut-off' }
  /** Everything is read; it is applied chunk by chunk, and visible at the end. */
  | { readonly name: 'chunking' }
  /** Everything was visible once. */
  | { readonly name: 'loaded' }
  /** Reading stopped, and did not reach the end of the log since. */
  | { readonly name: 'failed'; readonly error: StreamDBError }

/** What happens to the first load. */
export type LoadEvent =
  | { readonly type: 'hydrate' }
  | { readonly type: 'start' }
  /** Rows of a store are visible. */
  | { readonly type: 'restore' }
  /** The server could not be reached, or refused the credentials; the reader retries. */
  | { readonly type: 'break' }
  | { readonly type: 'chunk' }
  /** The log is read from its beginning again. */
  | { readonly type: 'restart' }
  /** Everything that the log holds is visible. */
  | { readonly type: 'load' }
  | { readonly type: 'fail'; readonly error: StreamDBError }

/** Returns the next state, or the same object where the event changes nothing. */
export function nextLoad(load: LoadState, event: LoadEvent): LoadState {
  switch (event.type) {
    case 'hydrate':
      return load.name === 'not-loaded' ? { name: 'hydrated' } : load
    case 'start':
      return load.name === 'not-loaded' ? { name: 'loading' } : load
    case 'restore':
      return load.name === 'loaded' ? load : { name: 'restored' }
    case 'break':
      return load.name === 'restored' ? { name: 'cut-off' } : load
    case 'chunk':
      return load.name === 'loading' ? { name: 'chunking' } : load
    case 'restart':
      return load.name === 'chunking' ? { name: 'loading' } : load
    case 'load':
      return load.name === 'loaded' ? load : { name: 'loaded' }
    case 'fail':
      return { name: 'failed', error: event.error }
  }
}

/** Holds how far the first load has come, and those who wait for its end. */
export class InitialLoad {
  #state: LoadState = { name: 'not-loaded' }
  #attempt: Deferred | undefined

  get state(): LoadState {
    return this.#state
  }

  /** Whether rows of the log are visible: then every batch is applied by itself. */
  get isLoaded(): boolean {
    const { name } = this.#state
    return name === 'loaded' || name === 'hydrated' || name === 'restored' || name === 'cut-off'
  }

  update(event: LoadEvent): void {
    this.#state = nextLoad(this.#state, event)
    const isCutOff = event.type === 'break' && this.#state.name === 'cut-off'
    if (event.type === 'load' || isCutOff) this.#attempt?.resolve()
    if (event.type === 'fail') this.#attempt?.reject(event.error)
    if (event.type === 'load' || event.type === 'fail' || isCutOff) this.#attempt = undefined
  }

  /**
   * Resolves when everything that the log holds is visible, at once where it is, and where rows of a store are visible
   * and the log cannot be reached; rejects when reading fails.
   */
  whenLoaded(): Promise<void> {
    const { name } = this.#state
    return name === 'loaded' || name === 'cut-off' ? Promise.resolve() : this.whenRead()
  }

  /** As `whenLoaded`, but waits for the next time that the log is read to its end. Callers share one attempt. */
  whenRead(): Promise<void> {
    // The promise may be ignored: its failure is in the status as well.
    this.#attempt ??= deferred()
    return this.#attempt.promise
  }
}
