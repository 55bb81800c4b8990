import type { JsonBatch, LiveMode, StreamResponse } from '@durable-streams/client'
import { StreamDBError } from './errors.ts'
import { delay, withTimeout } from './delay.ts'
import type { RawBatch } from './intake.ts'
import { isBefore, start } from './offsets.ts'
import { classify, statusOf } from './request.ts'
import type { Open } from './request.ts'
import type { StatusEvent } from './status.ts'

/** A batch as the reader hands it on. */
export interface ReadBatch extends RawBatch {
  /** What the log holds is now read to its end. */
  readonly upToDate: boolean
  /** No more will ever come. */
  readonly closed: boolean
  readonly cursor: string | undefined
  /** Bytes of pages that were read in all. */
  readonly bytes: number
}

/** How the reader waits. All in milliseconds. */
export interface ReaderTimes {
  /** The first pause after a break; it doubles, with jitter, up to `maxDelay`. */
  readonly initialDelay: number
  readonly maxDelay: number
  /** How long a response's head may take. */
  readonly connectTimeout: number
  /** How long a connection may be silent before it is made anew. */
  readonly idleTimeout: number
  /** Consecutive failed attempts before reading fails; `Infinity` never gives up. */
  readonly maxRetries: number
}

export const defaultTimes: ReaderTimes = {
  initialDelay: 100,
  maxDelay: 30_000,
  connectTimeout: 15_000,
  idleTimeout: 60_000,
  maxRetries: Infinity,
}

/** What the reader works with. */
export interface ReaderOptions {
  readonly open: Open
  readonly url: string
  readonly live: LiveMode
  readonly times: ReaderTimes
  /** Takes a batch in; returns the offset to go on from where that is not the batch's own. May throw to stop. */
  readonly onBatch: (batch: ReadBatch) => string | undefined
  /** The log is to be read anew from its start. */
  readonly onRestart: () => void
  readonly onStatus: (event: StatusEvent) => void
}

/**
 * Reads a stream: pages until it has caught up, then one live connection after another.
 *
 * It owns its position, which moves only after a batch was taken in, and its retries; any break ends in going on
 * from there (DESIGN L3, L4).
 */
export class Reader {
  readonly #options: ReaderOptions
  #position = start
  #cursor: string | undefined
  #bytes = 0
  #running: AbortController | undefined
  #wake: (() => void) | undefined
  #sse: boolean

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#sse = options.live === true || options.live === 'sse'
  }

  /** Starts reading from where it last stopped; does nothing while it reads. */
  start(): void {
    if (this.#running !== undefined) return
    const running = new AbortController()
    this.#running = running
    this.#options.onStatus({ type: 'start' })
    // Never rejects: whatever happens ends as a status.
    void this.#run(running.signal)
  }

  /** Stops; every connection and timer is gone when it returns. */
  stop(): void {
    this.#running?.abort()
    this.#running = undefined
  }

  /** Tries again at once, where it waits to. */
  retry(): void {
    this.#wake?.()
  }

  /** Goes back to the start of the log. */
  rewind(): void {
    this.#position = start
    this.#cursor = undefined
    this.#options.onRestart()
  }

  // Before the status says so: whoever hears it may start again at once.
  #finish(event: StatusEvent): void {
    this.#running = undefined
    this.#options.onStatus(event)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { live, times } = this.#options
    let attempt = 0
    let fruitless = 0
    while (!signal.aborted) {
      const began = Date.now()
      const from = this.#position
      try {
        const end = (await this.#catchUp(signal)) || (live !== false && (await this.#follow(signal)))
        if (end || live === false) {
          if (!signal.aborted) this.#finish({ type: 'end', reason: end ? 'stream-closed' : 'not-live' })
          return
        }
        attempt = 0
        // A server that answers live requests at once, with nothing, is not to be asked in a loop.
        fruitless = this.#position === from && Date.now() - began < 1000 ? fruitless + 1 : 0
        if (fruitless > 2 && live === true) this.#sse = false
        if (fruitless > 0) await this.#pause(backoff(times, fruitless), signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#position !== from) attempt = 0
        attempt++
        if (!(await this.#survive(error, attempt, signal))) return
      }
    }
  }

  /** Waits out what may pass; says `false` where it does not. */
  async #survive(thrown: unknown, attempt: number, signal: AbortSignal): Promise<boolean> {
    const { onStatus, times, url } = this.#options
    if (statusOf(thrown) === 410 && this.#position !== start) {
      // What we stood on is gone; what is kept begins anew (FAULTS F-net-5).
      this.rewind()
      return true
    }
    const { error, retryAfter } = classify(thrown, `${url} at offset ${this.#position}`)
    const passing = error.code === 'unreachable' || error.code === 'unauthorized'
    if (!passing || attempt > times.maxRetries) {
      this.#finish({ type: 'fail', error })
      return false
    }
    const ms = Math.max(retryAfter ?? 0, backoff(times, attempt))
    const now = Date.now()
    onStatus(
      error.code === 'unauthorized'
        ? { type: 'refuse', nextTry: now + ms, error }
        : { type: 'break', attempt, now, nextTry: now + ms, error },
    )
    await this.#pause(ms, signal)
    return true
  }

  /** Reads pages until there are no more; says whether the stream has ended. */
  async #catchUp(signal: AbortSignal): Promise<boolean> {
    const { open, times } = this.#options
    for (;;) {
      const from = this.#position
      const { response, body } = await withTimeout(signal, times.connectTimeout, async (attempt, alive) => {
        const response = await open({ offset: from, signal: attempt })
        // Whoever reads the body sees its errors.
        response.closed.catch(() => undefined)
        return { response, body: await this.#text(response, alive, times.idleTimeout) }
      })
      const items = parseItems(body)
      const { offset, streamClosed: closed } = response
      const upToDate = response.upToDate || closed
      if (offset === from && (items.length > 0 || !upToDate)) throw this.#lost(from)
      if (this.#moved({ items, offset })) continue
      this.#take({ items, from, offset, upToDate, closed, cursor: response.cursor, bytes: this.#bytes })
      if (this.#position !== offset) continue // a reset sent us elsewhere
      if (upToDate) return closed
    }
  }

  async #text(response: StreamResponse, alive: (timeout: number) => void, idleTimeout: number): Promise<string> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.bodyStream()) {
      alive(idleTimeout)
      this.#bytes += chunk.byteLength
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  }

  /** Reads one live connection to its end; says whether the stream has ended. */
  async #follow(signal: AbortSignal): Promise<boolean> {
    const { open, times } = this.#options
    return withTimeout(signal, times.connectTimeout, async (attempt, alive) => {
      const live = this.#sse ? 'sse' : 'long-poll'
      // A long-poll answers when something happens.
      if (live === 'long-poll') alive(times.idleTimeout)
      const response = await open({ offset: this.#position, live, cursor: this.#cursor, signal: attempt })
      alive(times.idleTimeout)
      let ended = false
      let elsewhere = false
      const leave = response.subscribeJson((batch) => {
        alive(times.idleTimeout)
        if (elsewhere || attempt.aborted) return
        ended = this.#takeLive(batch)
        elsewhere = this.#position !== batch.offset
        if (elsewhere) leave()
      })
      await response.closed
      return ended
    })
  }

  #takeLive(batch: JsonBatch): boolean {
    const from = this.#position
    const { items, offset, upToDate, streamClosed: closed, cursor } = batch
    if (offset === from && items.length > 0) {
      // The connection broke between data and the control event that says where they end: they will come again.
      if (this.#sse) return false
      throw this.#lost(from)
    }
    if (this.#moved(batch)) return false
    this.#cursor = cursor
    this.#take({ items, from, offset, upToDate: upToDate || closed, closed, cursor, bytes: this.#bytes })
    return closed
  }

  /** Goes back to the start where the stream was restored shorter, or made anew, under us (FAULTS F-net-5). */
  #moved({ items, offset }: Pick<JsonBatch, 'items' | 'offset'>): boolean {
    if (items.length > 0 || !isBefore(offset, this.#position)) return false
    this.rewind()
    return true
  }

  #lost(from: string): StreamDBError {
    const what = `Reading ${this.#options.url} failed: the server does not say where reading goes on after offset ${from}`
    return new StreamDBError('stream-failed', `${what} (no Stream-Next-Offset header)`)
  }

  #take(batch: ReadBatch): void {
    this.#position = this.#options.onBatch(batch) ?? batch.offset
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    await delay(ms, signal, woken)
    this.#wake = undefined
  }
}

/** Parses a response's body: the items of a JSON array. */
function parseItems(text: string): readonly unknown[] {
  if (text.trim() === '') return []
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed : [parsed]
}

// Full jitter would let a fleet of readers come back at once now and then; half of the pause is fixed.
function backoff({ initialDelay, maxDelay }: ReaderTimes, attempt: number): number {
  const ceiling = Math.min(maxDelay, initialDelay * 2 ** (attempt - 1))
  return ceiling / 2 + Math.random() * (ceiling / 2)
}
