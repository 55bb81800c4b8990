import { DurableStream, IdempotentProducer } from '@durable-streams/client'
import { backoff } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import { deferred } from './deferred.ts'
import { delay, withTimeout } from './timeout.ts'
import { StreamDBError, toStreamDBError } from './errors.ts'
import type { StreamDBErrorCode } from './errors.ts'
import type { AppendReceipt, WriteTransport } from './write-transport.ts'
import { codeOf, isPassing, statusOf } from './http.ts'

/** What appending works with. */
export interface AppenderOptions {
  readonly stream: DurableStream
  readonly fetch: typeof globalThis.fetch
  readonly times: ReaderTimes
  /** Aborts what is under way, and all that waits. */
  readonly signal: AbortSignal
  readonly newId: () => string
  /** Refused credentials may be others at the next attempt. */
  readonly renews: boolean
  /** A stream that is missing is waited for, or made by the reader. */
  readonly waits: boolean
  /** Reads what the log holds by now, as far as that can be done. */
  readonly checkStored: (signal: AbortSignal) => Promise<void>
}

interface Waiting {
  readonly message: string
  readonly done: Promise<AppendReceipt>
  readonly resolve: (receipt: AppendReceipt) => void
  readonly reject: (error: unknown) => void
  /** Refused among others: to be sent by itself, so that only the culprit fails. */
  alone?: boolean
  seen?: boolean
}

// A server may refuse large bodies; what is written at once is sent in bodies of about this size, in characters.
const groupSize = 256 * 1024

// How long it is waited for the reader, before a request is sent again that may be in the log.
const lookTimeout = 15_000

/**
 * Returns an appender on the client's idempotent producer: retried requests carry the same producer, epoch and
 * sequence, and a server that knows producers stores them once (DESIGN W2).
 *
 * A lone message is sent at once. While a request is under way messages gather, and go together in the next.
 */
export function createAppender(options: AppenderOptions): WriteTransport {
  const { stream, fetch, times, signal, newId, renews, waits, checkStored } = options
  let producer: IdempotentProducer | undefined
  let failure: unknown
  // The server has forgotten the producer, and has stored nothing of the request.
  let forgotten = false
  let sending = false
  let wake: (() => void) | undefined
  let hurry: (() => void) | undefined
  let queue: Waiting[] = []
  let group: readonly Waiting[] = []
  // The producer sends what it is told the type of.
  const contentType = (stream.contentType ??= 'application/json')
  // Its own headers alone: the stream's are asked for each attempt.
  const bare = new DurableStream({ url: stream.url, contentType, warnOnHttp: false })

  async function sendAll(): Promise<void> {
    sending = true
    // What is written in one go is sent together.
    await Promise.resolve()
    while (queue.length > 0) await sendGroup(takeGroup())
    group = []
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

  async function sendGroup(taken: readonly Waiting[]): Promise<void> {
    group = taken
    failure = undefined
    producer ??= new IdempotentProducer(bare, newId(), {
      fetch: persistently,
      maxInFlight: 1,
      // What it is given is a batch, and goes at once.
      maxBatchBytes: 1,
      onError: (error) => (failure = error),
    })
    producer.append(group.map(({ message }) => message).join(','))
    await producer.flush().catch((error: unknown) => (failure ??= error))
    if (failure === undefined) {
      for (const each of group) each.resolve({})
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
      for (const each of group) each.alone = true
      queue = [...group, ...queue]
      return
    }
    for (const each of group) each.reject(failure)
    // Whoever hears of it may withdraw what was built upon it, before that is sent.
    await delay(0, signal)
  }

  /** Sends one request until it is answered for good. */
  async function persistently(...[input, init]: Parameters<typeof globalThis.fetch>): Promise<Response> {
    // Whether it is known that no attempt before was stored.
    let absent = true
    for (let attempt = 1; ; attempt++) {
      let cause: unknown
      try {
        const readable = attempt > 1 && (await look())
        absent ||= readable
        if (isStored()) return new Response(null, { status: 204 })
        const before: boolean = absent
        const response = await send(input, init, () => (absent = false))
        if (response.ok) return response
        const { status } = response
        const passing = isPassing(status) || (waits && status === 404)
        const refused = refusal(response, stream.url)
        // Credentials that can read, and are refused, are not the right ones for writing: others will not come.
        const renewed = renews && refused.code === 'unauthorized' && !readable
        if (!passing) absent = before
        if (!passing && !renewed) {
          if (!absent) throw unknown(attempt, refused)
          forgotten =
            response.headers.has('producer-expected-seq') && producer !== undefined && producer.nextSeq > 1
          throw refused
        }
        cause = refused
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (error instanceof StreamDBError && error.code !== 'unreachable') throw error
        cause = error
      }
      if (isStored()) return new Response(null, { status: 204 })
      if (attempt > times.maxRetries) {
        throw absent ? toStreamDBError(cause, 'write-failed', 'It was not sent') : unknown(attempt, cause)
      }
      await delay(backoff(times, attempt), signal, new Promise((resolve) => (wake = resolve)))
    }
  }

  /** Sends one attempt, with the stream's headers as they are by now; calls `onSend` when it leaves. */
  function send(
    ...[input, init, onSend]: [...Parameters<typeof globalThis.fetch>, onSend: () => void]
  ): Promise<Response> {
    return withTimeout(signal, times.connectTimeout, async (each, alive) => {
      hurry = () => alive(Math.min(1000, times.connectTimeout))
      // The producer gives a record.
      const headers = { ...(await stream.resolveHeaders()), ...(init?.headers as Record<string, string>) }
      onSend()
      const answer = await fetch(input, { ...init, headers, signal: each })
      hurry = undefined
      // Its head says it all; but a connection is not used again before a body was read. Most successes have none.
      if (!answer.ok || answer.headers.has('content-type')) await answer.arrayBuffer().catch(() => undefined)
      return answer
    })
  }

  /**
   * Reads the log to its end, where it can be read: a server that went down in mid append may have stored it, and
   * have forgotten the producer. Throws where the server cannot be reached.
   */
  async function look(): Promise<boolean> {
    try {
      await withTimeout(signal, lookTimeout, checkStored)
      // Those who wait for what was read have heard of it then.
      await delay(0, signal)
      return true
    } catch (error) {
      if (error instanceof StreamDBError || statusOf(error) !== undefined) return false
      throw error
    }
  }

  /** All of a request is stored, or nothing. */
  function isStored(): boolean {
    return group.some((each) => each.seen)
  }

  function unknown(attempts: number, cause: unknown): StreamDBError {
    const what = `Writing to ${stream.url} was given up after ${attempts} attempts; it may be in the log`
    return new StreamDBError('write-unknown', what, { cause })
  }

  return {
    append({ body: message }) {
      const { promise: done, resolve, reject } = deferred<AppendReceipt>()
      const waiting: Waiting = { message, done, resolve, reject }
      queue.push(waiting)
      if (!sending) void sendAll()
      return {
        done: waiting.done,
        withdraw() {
          const index = queue.indexOf(waiting)
          if (index !== -1) queue.splice(index, 1)
          return index !== -1
        },
        seen() {
          waiting.seen = true
          // Others wait behind an answer that may be lost.
          if (group.includes(waiting)) {
            hurry?.()
            wake?.()
          }
        },
      }
    },
    retryNow() {
      wake?.()
    },
  }
}

const reasons: Partial<Record<StreamDBErrorCode, string>> = {
  'stream-ended': 'the stream was closed',
  unauthorized: 'it asks for other credentials',
  'stream-not-found': 'there is no such stream',
}

function refusal(response: Response, url: string): StreamDBError {
  const { status, headers } = response
  const ended = status === 409 && headers.get('stream-closed') !== null
  const code = ended ? 'stream-ended' : (codeOf(status) ?? 'write-failed')
  const why = status === 413 ? 'the transaction is too large for it' : (reasons[code] ?? response.statusText)
  return new StreamDBError(code, `The server refused a write to ${url} with ${status}: ${why}`)
}
