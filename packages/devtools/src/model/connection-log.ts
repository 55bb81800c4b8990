import { Listeners } from '@streamdb/log'

/** How a connection fares, in words that both feeds share. */
export interface ConnectionState {
  readonly name:
    | 'idle'
    | 'connecting'
    | 'catching-up'
    | 'live'
    | 'offline'
    | 'reconnecting'
    | 'needs-auth'
    | 'ended'
    | 'failed'
    | 'closed'
  /** What else is to be known, in a few words. */
  readonly detail?: string | undefined
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** A state of the connection, and since when. */
export interface ConnectionEntry extends ConnectionState {
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** So many states are kept. */
const kept = 500

/** The life of a connection: its states in their order. */
export class ConnectionLog {
  readonly #listeners = new Listeners(() => undefined)
  #entries: readonly ConnectionEntry[] = []

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Oldest first; the same array until there is more. Bound. */
  readonly entries = (): readonly ConnectionEntry[] => this.#entries

  /** Notes a state. The same one again only brings its details up to date: progress is no step of its own. */
  note(state: ConnectionState, since: number): void {
    const last = this.#entries.at(-1)
    const isSame = last?.name === state.name && last.error?.message === state.error?.message
    const entry = { ...state, since: isSame ? last.since : since }
    this.#entries = isSame
      ? [...this.#entries.slice(0, -1), entry]
      : [...this.#entries.slice(1 - kept), entry]
    this.#listeners.notify()
  }
}
