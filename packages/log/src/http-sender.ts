import { contentTypeOf } from './conditional-writes.ts'
import { toSendOptions } from './http-transport.ts'
import type { HttpTransportOptions } from './http-transport.ts'
import { checkStored, sendWithRetry } from './send-with-retry.ts'
import type { Sending, SendResult } from './send-with-retry.ts'
import type { ProducerSequence } from './stored-write.ts'

/** One message of a producer that is kept elsewhere: an outbox, which outlives the page. */
export interface OutgoingMessage extends Omit<Sending, 'headers'> {
  readonly producer: ProducerSequence
  /** Some of its events have conditions (`headers.expect`), which a write gateway decides. */
  readonly isConditional?: boolean | undefined
}

/** Sends one message at a time; what is in it, and what follows it, is for the caller to say. */
export interface MessageSender {
  /** Resolves when the message is answered for good, after as many attempts as that takes. Throws when `signal` aborts. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>
  /**
   * Reads the log to its current end; resolves when it is read, with `false` if it cannot be read. Retries temporary failures.
   * Throws when `signal` aborts.
   */
  checkStored(signal: AbortSignal): Promise<boolean>
}

/** Returns a sender to a Durable Stream: what `createHttpTransport` sends by, with a producer of the caller's. */
export function createHttpSender(options: HttpTransportOptions): MessageSender {
  const { contentType, ...sending } = toSendOptions(options)
  return {
    send({ producer, isConditional, ...message }, signal) {
      const headers = {
        'content-type': contentTypeOf([{ isConditional }], contentType),
        'Producer-Id': producer.id,
        'Producer-Epoch': String(producer.epoch),
        'Producer-Seq': String(producer.seq),
      }
      return sendWithRetry({ ...message, headers }, { ...sending, signal })
    },
    checkStored: (signal) =>
      checkStored(false, { isStored: () => false, onWaiting: () => undefined }, { ...sending, signal }),
  }
}
