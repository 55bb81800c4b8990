import type { CreateStreamDBOptions } from '@streamdb/db'
import {
  createHttpTransport,
  followingAs,
  linkSignals,
  openStream,
  readState,
  StreamDBError,
  withParams,
} from '@streamdb/log'
import type { OpenedStream, StateRead, WriteTransport } from '@streamdb/log'
import type { ServerClock } from './server-clock.ts'

type StreamOptions = NonNullable<CreateStreamDBOptions['streamOptions']>

/** What a stream of presence works with. */
export interface PresenceStreamContext {
  /** How old the stream gets, in seconds. */
  readonly lifetime: number
  readonly clock: ServerClock
  readonly signal: AbortSignal
}

/**
 * A short-lived stream of rows that say who is there. It does not get old: when its time is over it is gone, and whoever says
 * something next makes another one, so that who comes reads little (SPEC A72).
 */
export class PresenceStream {
  readonly #opened: OpenedStream
  readonly #transport: WriteTransport
  readonly #signal: AbortSignal
  readonly #lifetime: number
  /** The server's clock says when a stream is over. */
  readonly #clock: ServerClock
  /** When it is over, where the server says so, by its clock. */
  #expiresAt = Number.NaN
  #reading = new AbortController()

  constructor(options: StreamOptions, { lifetime, clock, signal }: PresenceStreamContext) {
    this.#clock = clock
    const send = clock.noting(options.fetch)
    const noting: typeof fetch = async (input, init) => {
      const response = await send(input, init)
      const expiresAt = Date.parse(response.headers.get('stream-expires-at') ?? '')
      if (!Number.isNaN(expiresAt)) this.#expiresAt = expiresAt
      return response
    }
    this.#opened = openStream({ ...options, fetch: followingAs(send, noting) })
    this.#lifetime = lifetime
    this.#signal = signal
    this.#transport = createHttpTransport({ ...this.#opened, signal })
  }

  /**
   * Reads what is there, and then what comes, until the stream is over: it ends then, as not every server ends a connection that
   * waits for a stream that is gone.
   */
  async *read(): AsyncGenerator<StateRead, void> {
    const { url, headers, params, fetch } = this.#opened.streamOptions
    const reading = new AbortController()
    this.#reading = reading
    const ending = linkSignals([this.#signal, reading.signal])
    const left = this.#expiresAt - this.#clock.now()
    const timer = setTimeout(
      () => reading.abort(),
      // Where it is not said, it is looked at again. Not all devices do so at the same moment.
      (Number.isNaN(left) ? this.#lifetime * 1_000 : Math.max(0, left)) + 50 + Math.random() * 200,
    )
    try {
      const reads = readState({
        url: String(url),
        ...(headers && { headers }),
        ...(params && { params }),
        ...(fetch && { fetch }),
        live: true,
        onMissing: 'wait',
        signal: ending.signal,
      })
      for await (const read of reads) yield read
    } catch (error) {
      if (!reading.signal.aborted) throw error
    } finally {
      clearTimeout(timer)
      ending.unlink()
    }
  }

  /** Creates the stream, unless it exists, with the events that it begins with. */
  async create(first: readonly object[] = []): Promise<void> {
    const { exists } = await this.#opened.stream.head({ signal: this.#signal })
    if (exists) return
    this.#expiresAt = this.#clock.now() + this.#lifetime * 1_000
    const isOurs = await this.#create({ expiresAt: new Date(this.#expiresAt).toISOString() })
    // Not as its first body: a write gateway decides about appends alone.
    if (isOurs && first.length > 0) await this.#isAppended(...first)
  }

  /** Appends an event; makes the stream where it is gone, with what it begins with. */
  async append(event: object, first: () => readonly object[] = () => []): Promise<void> {
    if (await this.#isAppended(event)) return
    await this.create(first())
    // What is read is gone.
    this.#reading.abort()
    if (await this.#isAppended(event)) return
    // By a clock that is wrong it was over before it began.
    await this.#create({ ttlSeconds: this.#lifetime })
    await this.#isAppended(event)
  }

  /** Resolves with whether this device made it. */
  async #create(options: { expiresAt: string } | { ttlSeconds: number }): Promise<boolean> {
    try {
      await this.#opened.stream.create({ contentType: 'application/json', ...options })
      return true
    } catch (error) {
      // Somebody else made it meanwhile: theirs stays.
      if (Reflect.get(Object(error), 'status') !== 409) throw error
      return false
    }
  }

  /** Resolves with whether there was a stream to append to. */
  async #isAppended(...events: readonly object[]): Promise<boolean> {
    try {
      await this.#transport.append({ txid: '', body: events.map((event) => JSON.stringify(event)).join(',') })
        .done
      return true
    } catch (error) {
      if (error instanceof StreamDBError && error.code === 'stream-not-found') return false
      throw error
    }
  }

  /** Sends an event that may be the last of this page: nobody waits for the answer, and the browser sends it all the same. */
  async appendLast(event: object): Promise<void> {
    const { stream, streamOptions } = this.#opened
    const headers = { ...(await stream.resolveHeaders()), 'content-type': 'application/json' }
    const send = streamOptions.fetch ?? fetch
    const url = await withParams(stream.url, streamOptions)
    await send(url, { method: 'POST', headers, body: JSON.stringify([event]), keepalive: true })
  }
}
