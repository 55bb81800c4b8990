import { Store } from '@streamdb/example-shared/page'

/** The way to the server, with a switch: what is switched off neither reads nor writes, and nobody else pretends. */
export class Network {
  readonly isOff: Store<boolean> = new Store(false)
  #cut = new AbortController()

  /** Fetches as usual; once switched off, what is under way breaks, and what begins fails. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    if (this.isOff.get()) throw switchedOff()
    const signals = [init?.signal, this.#cut.signal].filter((signal) => signal instanceof AbortSignal)
    return globalThis.fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }

  switch(off: boolean): void {
    if (off === this.isOff.get()) return
    this.isOff.set(off)
    if (off) this.#cut.abort(switchedOff())
    else this.#cut = new AbortController()
  }
}

/** What fetch throws where there is no network. */
function switchedOff(): TypeError {
  return new TypeError('The connection is switched off in the page')
}
