import { createHttpSender, openStream, StreamDBError } from '@streamdb/log'
import type { MessageSender } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'

/** How the stream is reached. */
export interface StreamAccess {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
}

/** Returns what sends messages to the stream. */
export function openSender({ url, fetch }: StreamAccess, signal: AbortSignal): MessageSender {
  const { stream, streamOptions } = openStream({
    url,
    fetch,
    contentType: 'application/json',
    warnOnHttp: false,
  })
  return createHttpSender({ stream, streamOptions, signal })
}

/** Another writer holds a later epoch: what this one writes is refused from then on. */
export class Fenced extends Error {
  override readonly name = 'Fenced'
}

/**
 * Appends with the epoch of a producer, one message after the other.
 *
 * The stream server fences by the epoch: it refuses a message of an epoch that is earlier than the latest one of the same
 * producer, and takes the first message of an epoch once, whoever sends it. So a lease on a job is an epoch of the job's own
 * producer: two workers that claim it at once cannot both get it, and one whose lease was ended cannot write any more.
 */
export class FencedWriter {
  readonly id: string
  readonly epoch: number
  readonly #sender: MessageSender
  readonly #signal: AbortSignal
  #next = 0
  #last: Promise<void> = Promise.resolve()

  constructor(
    sender: MessageSender,
    producer: { readonly id: string; readonly epoch: number },
    signal: AbortSignal,
  ) {
    this.id = producer.id
    this.epoch = producer.epoch
    this.#sender = sender
    this.#signal = signal
  }

  /**
   * Appends events together: a reader sees all of them or none. Rejects with `Fenced` where a later epoch has begun, and with
   * what else keeps them from being stored. The first message of an epoch resolves too where another writer has begun the
   * same epoch: who did is in the log.
   */
  append(events: readonly ChangeEvent[]): Promise<void> {
    const txid = crypto.randomUUID()
    const body = JSON.stringify(events.map((event) => ({ ...event, headers: { ...event.headers, txid } })))
    const sending = this.#last.then(async () => this.#send(body))
    // What fails is told to its own caller; the next message is refused by itself, as its number is not the next one.
    this.#last = sending.catch(() => undefined)
    return sending
  }

  async #send(body: string): Promise<void> {
    const { id, epoch } = this
    const message = { body, producer: { id, epoch, seq: this.#next++ } }
    const result = await this.#sender.send(
      { ...message, isStored: () => false, onRetry, onWaiting },
      this.#signal,
    )
    switch (result.type) {
      case 'stored':
        return
      case 'producer-unknown':
        throw new Fenced(`${id} is written by another than epoch ${epoch}`, { cause: result.error })
      case 'refused':
      case 'unknown':
        throw new StreamDBError('write-failed', result.error.message, { cause: result.error })
    }
  }
}

/** Breaks are waited out: the lease ends meanwhile, and then the server refuses the message. */
function onRetry(): void {}
function onWaiting(): void {}
