import type { CreateStreamDBOptions } from '@streamdb/db'
import { createHttpTransport, openStream, readState, StreamDBError } from '@streamdb/log'
import type { OpenedStream, StateRead, WriteTransport } from '@streamdb/log'

type StreamOptions = NonNullable<CreateStreamDBOptions['streamOptions']>

/** A short-lived stream of rows that say who is there: made when somebody comes, gone some time after all have left. */
export class PresenceStream {
  readonly #opened: OpenedStream
  readonly #transport: WriteTransport
  readonly #signal: AbortSignal
  readonly #lifetime: number

  /** `lifetime`: how long the stream outlives its last use, in seconds. */
  constructor(options: StreamOptions, lifetime: number, signal: AbortSignal) {
    this.#opened = openStream(options)
    this.#lifetime = lifetime
    this.#signal = signal
    this.#transport = createHttpTransport({ ...this.#opened, signal })
  }

  /** Reads what is there, and then what comes; waits where there is no stream. */
  read(): AsyncGenerator<StateRead, void> {
    const { url, headers, params, fetch } = this.#opened.streamOptions
    return readState({
      url: String(url),
      ...(headers && { headers }),
      ...(params && { params }),
      ...(fetch && { fetch }),
      live: true,
      onMissing: 'wait',
      signal: this.#signal,
    })
  }

  /** Creates the stream, unless it exists. */
  async create(): Promise<void> {
    try {
      await this.#opened.stream.create({ contentType: 'application/json', ttlSeconds: this.#lifetime })
    } catch (error) {
      // It was made by somebody with another lifetime: theirs stays.
      if (Reflect.get(Object(error), 'status') !== 409) throw error
    }
  }

  /** Appends an event; makes the stream where it is gone. */
  async append(event: object): Promise<void> {
    const body = JSON.stringify(event)
    try {
      await this.#transport.append({ txid: '', body }).done
    } catch (error) {
      if (!(error instanceof StreamDBError && error.code === 'stream-not-found')) throw error
      await this.create()
      await this.#transport.append({ txid: '', body }).done
    }
  }

  /** Sends an event that may be the last of this page: nobody waits for the answer, and the browser sends it all the same. */
  async appendLast(event: object): Promise<void> {
    const { stream, streamOptions } = this.#opened
    const headers = { ...(await stream.resolveHeaders()), 'content-type': 'application/json' }
    const send = streamOptions.fetch ?? fetch
    await send(stream.url, { method: 'POST', headers, body: JSON.stringify([event]), keepalive: true })
  }
}
