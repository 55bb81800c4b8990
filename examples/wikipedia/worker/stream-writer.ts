import { createHttpSender, openStream } from '@streamdb/log'
import type { MessageSender } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'

/** How streams are reached. */
export interface StreamAccess {
  /** Returns the address of a stream by its path. */
  readonly urlOf: (path: string) => string
  readonly fetch: typeof globalThis.fetch
}

/**
 * Appends to a stream with the epoch of a producer, one message after the other: each is stored once, and a reader of an
 * earlier epoch, one that hung and was replaced, is refused.
 */
export class StreamWriter {
  readonly #sender: MessageSender
  readonly #epoch: number
  readonly #signal: AbortSignal
  #next = 0
  /** How many bytes were sent. */
  bytes = 0

  constructor({ urlOf, fetch }: StreamAccess, path: string, epoch: number, signal: AbortSignal) {
    const { stream, streamOptions } = openStream({
      ...{ url: urlOf(path), fetch, contentType: 'application/json', warnOnHttp: false },
    })
    this.#sender = createHttpSender({ stream, streamOptions, signal })
    this.#epoch = epoch
    this.#signal = signal
  }

  /** Appends events together: a reader sees all of them or none. Await each call before the next. */
  async append(events: readonly ChangeEvent[]): Promise<void> {
    const txid = crypto.randomUUID()
    const body = JSON.stringify(events.map((event) => ({ ...event, headers: { ...event.headers, txid } })))
    const producer = { id: 'reader', epoch: this.#epoch, seq: this.#next++ }
    const message = { body, producer, isStored: () => false, onRetry() {}, onWaiting() {} }
    const result = await this.#sender.send(message, this.#signal)
    if (result.type !== 'stored') throw result.error
    this.bytes += body.length
  }
}
