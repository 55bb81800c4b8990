import { Store } from '@streamdb/example-shared/page'

/**
 * The connection to the server, with a switch that cuts it off: while it is off, requests fail as without a network. The
 * tabs of one person share a connection, and so the switch.
 */
export class Network {
  readonly isOff: Store<boolean> = new Store(false)
  readonly #others: BroadcastChannel
  #cut = new AbortController()

  constructor(person: string) {
    this.#others = new BroadcastChannel(`streamdb-chat-switch-${person}`)
    this.#others.addEventListener('message', ({ data }) => this.#turn(data === true))
  }

  /** Fetches while the switch is on; switching it off aborts the requests under way. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    if (this.isOff.get()) throw offlineError()
    const signals = [init?.signal, this.#cut.signal].filter((signal) => signal instanceof AbortSignal)
    return globalThis.fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }

  switch(off: boolean): void {
    this.#others.postMessage(off)
    this.#turn(off)
  }

  #turn(off: boolean): void {
    if (off === this.isOff.get()) return
    this.isOff.set(off)
    if (off) this.#cut.abort(offlineError())
    else this.#cut = new AbortController()
  }
}

/** Fetch throws a `TypeError` where there is no network. */
function offlineError(): TypeError {
  return new TypeError('The connection is switched off in the page')
}
