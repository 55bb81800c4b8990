import { createHttpSender, linkSignals, openStream, randomId, readState, StreamDBError } from '@streamdb/log'
import type { MessageSender, OpenedStream } from '@streamdb/log'
import type { StreamChunk } from '@tanstack/ai/client'
import { SessionError } from '../errors.ts'
import type { SessionOptions } from '../session-options.ts'

/** An entry of a run's log. */
export interface LogEntry {
  readonly seq: number
  readonly chunk: StreamChunk
}

export interface RunLogOptions {
  readonly url: string
  readonly streamOptions?: SessionOptions['streamOptions']
  /** How long the stream outlives its last use, in seconds. */
  readonly ttlSeconds?: number | undefined
}

/** The stream of one run: state events of the type `chunk`, keyed by their number, so that a later one replaces an earlier. */
export class RunLog {
  readonly url: string
  readonly #opened: OpenedStream
  readonly #sender: MessageSender
  readonly #ttlSeconds: number | undefined
  readonly #producer = randomId()
  #seq = 0
  #isCreated = false

  constructor({ url, streamOptions, ttlSeconds }: RunLogOptions) {
    this.url = url
    this.#opened = openStream({ warnOnHttp: false, ...streamOptions, url })
    this.#sender = createHttpSender({ ...this.#opened, signal: new AbortController().signal })
    this.#ttlSeconds = ttlSeconds
  }

  /** Creates the stream, unless it exists. */
  async create(): Promise<void> {
    if (this.#isCreated) return
    const ttl = this.#ttlSeconds === undefined ? {} : { ttlSeconds: this.#ttlSeconds }
    try {
      await this.#opened.stream.create({ contentType: 'application/json', ...ttl })
    } catch (error) {
      // It was made with another lifetime: theirs stays.
      if (Reflect.get(Object(error), 'status') !== 409) throw error
    }
    this.#isCreated = true
  }

  /** Stores entries in one append: all of them or none. Rejects with `request-failed`. */
  async put(entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return
    const body = JSON.stringify(
      entries.map(({ seq, chunk }) => ({
        type: 'chunk',
        key: String(seq),
        value: { chunk },
        headers: { operation: 'upsert' },
      })),
    )
    const result = await this.#sender.send(
      {
        producer: { id: this.#producer, epoch: 0, seq: this.#seq },
        body,
        isStored: () => false,
        onRetry: () => undefined,
        onWaiting: () => undefined,
      },
      new AbortController().signal,
    )
    if (result.type === 'stored') {
      this.#seq++
      return
    }
    throw new SessionError(
      'request-failed',
      `${entries.length} chunks were not stored in ${this.url}: ${result.error.message}`,
      {
        cause: result.error,
      },
    )
  }

  /** Ends the stream: those who read it come to its end. */
  async close(): Promise<void> {
    await this.create()
    await this.#opened.stream.close()
  }

  /** Returns what is stored by now, in order; nothing where there is no stream. Does not wait for more. */
  async snapshot(): Promise<LogEntry[]> {
    const entries = new Map<number, StreamChunk>()
    try {
      for await (const read of readState({ ...this.#readOptions(), live: false })) {
        if (read.type === 'restart') entries.clear()
        const entry = read.type === 'event' ? toEntry(read.event) : undefined
        if (entry !== undefined) entries.set(entry.seq, entry.chunk)
      }
    } catch (error) {
      if (!(error instanceof StreamDBError && error.code === 'stream-not-found')) throw error
    }
    return [...entries].map(([seq, chunk]) => ({ seq, chunk })).sort((a, b) => a.seq - b.seq)
  }

  /**
   * Yields what is stored, in order, then what comes, until the stream is closed. An entry that is replaced after it was
   * given is not given again. Throws `not-found` where nothing is stored for `firstChunkTimeout` milliseconds.
   */
  async *read(firstChunkTimeout: number, signal: AbortSignal): AsyncGenerator<LogEntry> {
    const first = new AbortController()
    const ending = linkSignals([signal, first.signal])
    const timer = setTimeout(() => first.abort(), firstChunkTimeout)
    let stored: Map<number, StreamChunk> | undefined = new Map<number, StreamChunk>()
    let last = 0
    try {
      const reads = readState({
        ...this.#readOptions(),
        live: true,
        onMissing: 'wait',
        signal: ending.signal,
      })
      for await (const read of reads) {
        if (read.type === 'restart') stored = new Map()
        const entry = read.type === 'event' ? toEntry(read.event) : undefined
        if (entry !== undefined) clearTimeout(timer)
        // As far as it is stored it may be replaced further on.
        if (stored !== undefined && entry !== undefined) stored.set(entry.seq, entry.chunk)
        else if (entry !== undefined && entry.seq > last) {
          last = entry.seq
          yield entry
        }
        if (read.type !== 'checkpoint' || !read.upToDate || stored === undefined) continue
        const all = [...stored].sort(([a], [b]) => a - b)
        stored = undefined
        for (const [seq, chunk] of all) {
          if (seq <= last) continue
          last = seq
          yield { seq, chunk }
        }
      }
      for (const [seq, chunk] of [...(stored ?? [])].sort(([a], [b]) => a - b))
        if (seq > last) yield { seq, chunk }
    } catch (error) {
      if (signal.aborted) return
      if (first.signal.aborted) {
        throw new SessionError(
          'not-found',
          `The run of ${this.url} has stored nothing within ${firstChunkTimeout} ms`,
        )
      }
      throw error
    } finally {
      clearTimeout(timer)
      ending.unlink()
    }
  }

  #readOptions() {
    const { url, headers, params, fetch } = this.#opened.streamOptions
    return {
      url: String(url),
      ...(headers && { headers }),
      ...(params && { params }),
      ...(fetch && { fetch }),
    }
  }
}

function toEntry(event: object): LogEntry | undefined {
  const seq = Number(Reflect.get(event, 'key'))
  const value: unknown = Reflect.get(event, 'value')
  const chunk: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'chunk') : undefined
  if (Reflect.get(event, 'type') !== 'chunk' || typeof chunk !== 'object' || chunk === null) return undefined
  // A chunk, as `put` has written it.
  return { seq, chunk: chunk as StreamChunk }
}
