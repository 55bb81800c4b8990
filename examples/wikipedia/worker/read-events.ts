import { backoff, defaultTimes, delay } from '@streamdb/log'
import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'

/** What becomes of the connection. */
export type Connection =
  | { readonly name: 'connecting' }
  | { readonly name: 'open' }
  /** It broke, or was refused: it is tried again. `everOpen`: it has been open in this run. */
  | { readonly name: 'waiting'; readonly why: string; readonly nextTry: number; readonly everOpen: boolean }
  /** The server says that there will be no more. */
  | { readonly name: 'ended' }

export interface ReadEventsOptions {
  readonly url: string
  /** The id of the last event that is known: reading goes on behind it. */
  readonly lastEventId?: string | undefined
  readonly onConnection: (connection: Connection) => void
  /** The first and the longest pause between two attempts, in milliseconds. */
  readonly retry?: { readonly initialDelay: number; readonly maxDelay: number } | undefined
  /** A connection that says nothing for so long is given up, in milliseconds. */
  readonly idleTimeout?: number | undefined
  readonly signal: AbortSignal
}

/** Wikimedia asks clients to say who they are, and how to reach those who run them. */
export const userAgent = 'StreamDB-example-wikipedia/0.0 (https://github.com/streamdb/streamdb; issues there)'

/** A longer event is no change of a page. */
const maxEvent = 16 * 1024 * 1024

/**
 * Reads server-sent events, and connects again where that breaks: behind the last event that came whole, by
 * `Last-Event-ID`. Ends when `signal` aborts, and when the server says that there is no more.
 */
export async function* readEvents(options: ReadEventsOptions): AsyncGenerator<EventSourceMessage, void> {
  const { url, onConnection, signal, idleTimeout = 60_000 } = options
  const times = { ...defaultTimes, ...(options.retry ?? { initialDelay: 1_000, maxDelay: 60_000 }) }
  let { lastEventId } = options
  let everOpen = false
  for (let attempt = 1; !signal.aborted; attempt++) {
    let why: string
    let pause = 0
    onConnection({ name: 'connecting' })
    const connection = new AbortController()
    const abort = () => connection.abort(signal.reason)
    signal.addEventListener('abort', abort)
    const silence = new Silence(idleTimeout, connection)
    try {
      const response = await fetch(url, { headers: headersOf(lastEventId), signal: connection.signal })
      const type = response.headers.get('content-type') ?? 'nothing'
      if (response.status === 204) return onConnection({ name: 'ended' })
      if (response.ok && response.body !== null && type.startsWith('text/event-stream')) {
        everOpen = true
        onConnection({ name: 'open' })
        const messages: EventSourceMessage[] = []
        const parser = createParser({
          onEvent: (message) => void messages.push(message),
          onRetry: (ms) => (pause = ms),
          maxBufferSize: maxEvent,
        })
        for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
          silence.over()
          parser.feed(chunk)
          for (const message of messages.splice(0)) {
            // Whatever comes tells that the connection is a good one.
            attempt = 0
            lastEventId = message.id ?? lastEventId
            yield message
          }
        }
        why = 'The server closed the connection'
      } else {
        await response.body?.cancel()
        why = `The server answered ${response.status} with ${type}`
        pause = 1_000 * (Number(response.headers.get('retry-after')) || 0)
        // The event of this id may be too old to go on behind it.
        if ([400, 410, 416].includes(response.status)) lastEventId = undefined
      }
    } catch (error) {
      if (signal.aborted) return
      why = describe(connection.signal.aborted ? connection.signal.reason : error)
    } finally {
      silence.end()
      signal.removeEventListener('abort', abort)
      connection.abort()
    }
    const ms = Math.ceil(Math.max(pause, backoff(times, Math.max(1, attempt))))
    onConnection({ name: 'waiting', why, nextTry: Date.now() + ms, everOpen })
    await delay(ms, signal)
  }
}

/** Ends a connection that says nothing for too long. */
class Silence {
  readonly #timeout: number
  readonly #connection: AbortController
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(timeout: number, connection: AbortController) {
    this.#timeout = timeout
    this.#connection = connection
    this.over()
  }

  over(): void {
    clearTimeout(this.#timer)
    const error = new Error(`The server said nothing for ${this.#timeout / 1_000} s`)
    this.#timer = setTimeout(() => this.#connection.abort(error), this.#timeout)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

function headersOf(lastEventId: string | undefined): Record<string, string> {
  const own = { accept: 'text/event-stream', 'user-agent': userAgent }
  return lastEventId === undefined ? own : { ...own, 'last-event-id': lastEventId }
}

/** `fetch failed` says nothing; its cause does. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
