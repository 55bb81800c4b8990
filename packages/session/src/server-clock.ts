import { followingAs } from '@streamdb/log'
/**
 * Knows the time of the stream server, so that devices whose clocks are wrong mean the same moment: what expires, expires by it.
 *
 * Where no answer says the server's time, as to pages of another origin, it is this device's own.
 */
export class ServerClock {
  readonly #local: () => number
  /** Between these the server's clock is ahead of this device's, in milliseconds. */
  #least = -Infinity
  #most = Infinity

  /** `local`: this device's clock. */
  constructor(local: () => number = () => Date.now()) {
    this.#local = local
  }

  /** Returns the server's time: this device's, where the two agree as far as can be told. */
  now(): number {
    return this.#local() + this.#ahead
  }

  /** Whether an answer has said the server's time. */
  get isTold(): boolean {
    return this.#least !== -Infinity
  }

  /** Returns a `fetch` that looks at the time in answers. */
  noting(send: typeof fetch = fetch): typeof fetch {
    const noting: typeof fetch = async (input, init) => {
      const sent = this.#local()
      const response = await send(input, init)
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
      // What was read may come from a cache, with the time at which it was stored there.
      if (method !== 'GET' && !response.headers.has('age')) this.#note(response.headers.get('date'), sent)
      return response
    }
    return followingAs(send, noting)
  }

  get #ahead(): number {
    if (this.#least === -Infinity || (this.#least <= 0 && this.#most >= 0)) return 0
    return (this.#least + this.#most) / 2
  }

  #note(header: string | null, sent: number): void {
    const date = Date.parse(header ?? '')
    if (Number.isNaN(date)) return
    // It is told in whole seconds, and was true at some moment between the request and its answer.
    const least = date - this.#local()
    const most = date + 1_000 - sent
    // One of the clocks was set: what was known is void.
    const isOther = least > this.#most || most < this.#least
    this.#least = isOther ? least : Math.max(least, this.#least)
    this.#most = isOther ? most : Math.min(most, this.#most)
  }
}
