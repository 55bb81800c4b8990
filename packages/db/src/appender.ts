import { IdempotentProducer } from '@durable-streams/client'
import type { DurableStream } from '@durable-streams/client'
import { backoff } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import { delay, withTimeout } from './delay.ts'
import { StreamDBError } from './errors.ts'
import type { StreamDBErrorCode } from './errors.ts'

/** What appending works with. */
export interface AppenderOptions {
  readonly stream: DurableStream
  readonly fetch: typeof globalThis.fetch
  readonly times: ReaderTimes
  /** Aborts what is under way, and all that waits. */
  readonly signal: AbortSignal
  readonly newId: () => string
}

/** A message on its way. */
export interface Append {
  /** Resolves when the server has it. Rejects where it was refused, or where nobody can tell (`write-unknown`). */
  readonly done: Promise<void>
  /** Takes it back, if it was not sent yet; says whether it was. */
  withdraw(): boolean
}

/** Appends messages, each stored once, whatever happens on the way. */
export interface Appender {
  /** Appends one message: the JSON texts of a transaction's events, joined by commas. All are stored, or none. */
  append(message: string): Append
  /** Tries at once what waits to be tried again. */
  retry(): void
}

interface Waiting {
  readonly message: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** Refused among others: to be sent by itself, so that only the culprit fails. */
  alone?: boolean
}

// A server may refuse large bodies; what is written at once is sent in bodies of about this size, in characters.
const groupSize = 256 * 1024

/**
 * Returns an appender on the client's idempotent producer: retried requests carry the same producer, epoch and
 * sequence, and a server that knows producers stores them once (DESIGN W2).
 *
 * A lone message is sent at once. While a request is under way messages gather, and go together in the next.
 */
export function createAppender({ stream, fetch, times, signal, newId }: AppenderOptions): Appender {
  let producer: IdempotentProducer | undefined
  let failure: unknown
  // The server has forgotten the producer, and has stored nothing of the request.
  let forgotten = false
  let sending = false
  let wake: (() => void) | undefined
  let queue: Waiting[] = []
  // The producer sends what it is told the type of.
  stream.contentType ??= 'application/json'

  async function sendAll(): Promise<void> {
    sending = true
    // What is written in one go is sent together.
    await Promise.resolve()
    while (queue.length > 0) await sendGroup(takeGroup())
    sending = false
  }

  function takeGroup(): Waiting[] {
    let size = 0
    let count = 0
    for (const { message, alone } of queue) {
      size += message.length
      if (count > 0 && (alone || size > groupSize)) break
      count++
      if (alone) break
    }
    return queue.splice(0, count)
  }

  async function sendGroup(group: readonly Waiting[]): Promise<void> {
    failure = undefined
    producer ??= new IdempotentProducer(stream, newId(), {
      fetch: persistently,
      lingerMs: 0,
      maxInFlight: 1,
      maxBatchBytes: Infinity,
      onError: (error) => (failure = error),
    })
    for (const { message } of group) producer.append(message)
    await producer.flush().catch((error: unknown) => (failure ??= error))
    if (failure === undefined) {
      for (const each of group) each.resolve()
      return
    }
    // What was refused left a hole in this producer's sequence.
    producer = undefined
    if (forgotten) {
      forgotten = false
      queue = [...group, ...queue]
      return
    }
    const refused = failure instanceof StreamDBError && failure.code === 'write-failed'
    if (group.length > 1 && refused) {
      queue = [...group.map((each) => ({ ...each, alone: true })), ...queue]
      return
    }
    for (const each of group) each.reject(failure)
    // Whoever hears of it may withdraw what was built upon it, before that is sent.
    await delay(0, signal)
  }

  /** Sends one request until it is answered for good. */
  async function persistently(...[input, init]: Parameters<typeof globalThis.fetch>): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      let cause: unknown
      try {
        const response = await withTimeout(signal, times.connectTimeout, (each) =>
          fetch(input, { ...init, signal: each }),
        )
        if (response.ok) return response
        const { status } = response
        if (status < 500 && status !== 408 && status !== 425 && status !== 429) {
          const refused = refusal(response, stream.url)
          // An attempt before, which was not answered, may have been stored, whatever is refused now.
          if (attempt > 1) throw unknown(attempt, refused)
          forgotten =
            response.headers.has('producer-expected-seq') && producer !== undefined && producer.nextSeq > 1
          throw refused
        }
        cause = new Error(`the server answered ${status}`)
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (error instanceof StreamDBError && error.code !== 'unreachable') throw error
        cause = error
      }
      if (attempt > times.maxRetries) throw unknown(attempt, cause)
      await delay(backoff(times, attempt), signal, new Promise((resolve) => (wake = resolve)))
    }
  }

  function unknown(attempts: number, cause: unknown): StreamDBError {
    const what = `Writing to ${stream.url} was given up after ${attempts} attempts; it may be in the log all the same`
    return new StreamDBError('write-unknown', what, { cause })
  }

  return {
    append(message) {
      let waiting: Waiting | undefined
      const done = new Promise<void>((resolve, reject) => {
        waiting = { message, resolve, reject }
        queue.push(waiting)
      })
      if (!sending) void sendAll()
      return {
        done,
        withdraw() {
          const index = queue.findIndex((each) => each.resolve === waiting?.resolve)
          if (index === -1) return false
          queue.splice(index, 1)
          waiting?.reject(new StreamDBError('rolled-back', 'The write was withdrawn before it was sent'))
          return true
        },
      }
    },
    retry() {
      wake?.()
    },
  }
}

const refusals: Readonly<Record<number, readonly [StreamDBErrorCode, string]>> = {
  401: ['unauthorized', 'it asks for other credentials'],
  403: ['unauthorized', 'it asks for other credentials'],
  404: ['stream-not-found', 'there is no such stream'],
  410: ['stream-not-found', 'there is no such stream any more'],
  413: ['write-failed', 'the transaction is too large for it'],
}

function refusal(response: Response, url: string): StreamDBError {
  const { status, headers } = response
  const ended = status === 409 && headers.get('stream-closed') !== null
  const [code, why]: readonly [StreamDBErrorCode, string] = ended
    ? ['stream-ended', 'the stream was closed']
    : (refusals[status] ?? ['write-failed', response.statusText])
  return new StreamDBError(code, `The server refused a write to ${url} with ${status}: ${why}`)
}
