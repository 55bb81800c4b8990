import { delay, materialize } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { state } from '../src/state.ts'
import type { Change, Origin, Source } from '../src/state.ts'
import type { Generations } from './generations.ts'
import type { NewChange } from './parse-change.ts'
import { StreamWriter } from './stream-writer.ts'
import type { StreamAccess } from './stream-writer.ts'

export interface RecorderOptions extends StreamAccess {
  /** So many of the newest changes are kept as rows. */
  readonly keep: number
  /** A stream of more bytes is followed by another one. */
  readonly maxBytes: number
  /** What came within so many milliseconds is one append. */
  readonly interval: number
  /** For how many milliseconds a stream stays when another one follows it. */
  readonly grace: number
  readonly signal: AbortSignal
}

/** More than this waits before an append: whoever adds waits too. */
const maxWaiting = 2_000
/** Rows that are written into a new stream at once. */
const rowsPerAppend = 1_000

/**
 * Writes changes into the stream: the newest as rows, and with them, in the same append, the id of the last event. So a change
 * is there once, whenever this process ends.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #generations: Generations
  /** The rows of the stream, oldest first. */
  readonly #rows: Map<string, Change>
  #source: Source
  #writer: StreamWriter
  #events: ChangeEvent[] = []
  #isTold = true
  /** A stream of more bytes is followed by another one. */
  #limit: number
  #room: (() => void) | undefined

  private constructor(
    options: RecorderOptions,
    generations: Generations,
    rows: Map<string, Change>,
    source: Source,
  ) {
    this.#options = options
    this.#generations = generations
    this.#rows = rows
    this.#source = source
    this.#limit = limitOf(options.maxBytes, rows.values())
    this.#writer = new StreamWriter(options, generations.path, source.epoch, options.signal)
  }

  /** Reads what the last run has left. */
  static async open(options: RecorderOptions, generations: Generations): Promise<Recorder> {
    const { urlOf, signal } = options
    let bytes = 0
    // All of it, without a snapshot: it is at most `maxBytes`, and to be counted.
    const fetch: typeof globalThis.fetch = async (...request) => {
      const { body, status, headers } = await options.fetch(...request)
      const counter = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength
          controller.enqueue(chunk)
        },
      })
      return new Response(body?.pipeThrough(counter), { status, headers })
    }
    const read = await materialize({ url: urlOf(generations.path), fetch, state, signal })
    // Rows come validated.
    const rows = [...(read.state.getType('change') as ReadonlyMap<string, Change>).values()]
    const last = read.state.get<Source>('source', 'source')
    const ordered = new Map(rows.sort((a, b) => a.position - b.position).map((row) => [row.id, row]))
    const source: Source = {
      ...{ id: 'source', origin: 'live', state: 'connecting', label: '', received: 0, ...last },
      epoch: (last?.epoch ?? -1) + 1,
    }
    const recorder = new Recorder(options, generations, ordered, source)
    recorder.#writer.bytes = bytes
    return recorder
  }

  get source(): Source {
    return this.#source
  }

  /** Adds a change, unless it is there. Resolves when there is room for the next one. */
  async add(change: NewChange, origin: Origin): Promise<void> {
    if (!this.#rows.has(change.id)) {
      const received = this.#source.received + 1
      this.#source = { ...this.#source, received }
      this.#isTold = false
      const row: Change = { ...change, position: received, origin }
      this.#rows.set(row.id, row)
      this.#events.push(state.changes.insert({ value: row }))
      for (const id of this.#rows.keys()) {
        if (this.#rows.size <= this.#options.keep) break
        this.#rows.delete(id)
        this.#events.push(state.changes.delete({ key: id }))
      }
    }
    if (this.#events.length >= maxWaiting) await new Promise<void>((resolve) => (this.#room = resolve))
  }

  /** Notes the last event of an address that was added, or left out: reading goes on behind it. */
  passed(eventSource: string, eventId: string): void {
    this.#source = { ...this.#source, eventSource, eventId }
    this.#isTold = false
  }

  /** Says where changes come from now. */
  tell(
    source: Pick<Source, 'origin' | 'state' | 'label'> &
      Pick<Partial<Source>, 'detail' | 'nextTry' | 'speed'>,
  ): void {
    const { detail: _d, nextTry: _n, speed: _s, ...rest } = this.#source
    this.#source = { ...rest, ...source }
    this.#isTold = false
  }

  /** Appends what was added, again and again, until the signal aborts. */
  async run(): Promise<void> {
    const { interval, signal } = this.#options
    while (!signal.aborted) {
      await delay(interval, signal)
      const events = this.#events
      if (events.length === 0 && this.#isTold) continue
      this.#events = []
      this.#isTold = true
      await this.#writer.append([...events, state.sources.upsert({ value: this.#source })])
      this.#room?.()
      this.#room = undefined
      if (this.#writer.bytes > this.#limit) await this.#begin()
    }
  }

  /** Goes on in a new stream: the rows, and nothing of their history. */
  async #begin(): Promise<void> {
    const { signal, grace, maxBytes } = this.#options
    const rows = [...this.#rows.values()]
    // What was added meanwhile is among the rows, and for those who read the old stream in its last append.
    const events = this.#events
    this.#events = []
    const source = this.#source
    let writer = this.#writer
    await this.#generations.begin(async (path) => {
      writer = new StreamWriter(this.#options, path, source.epoch, signal)
      for (let first = 0; first < rows.length; first += rowsPerAppend) {
        const part = rows.slice(first, first + rowsPerAppend).map((value) => state.changes.insert({ value }))
        await writer.append([...part, state.sources.upsert({ value: source })])
      }
    })
    await this.#writer.append([
      ...events,
      state.sources.upsert({ value: { ...source, next: this.#generations.path } }),
    ])
    this.#limit = limitOf(maxBytes, rows)
    this.#writer = writer
    setTimeout(() => {
      if (!signal.aborted) this.#generations.deleteOld().catch(() => undefined) // The next one deletes it.
    }, grace).unref()
  }
}

/** Returns how large a stream may become: several times its rows, or they would be written again and again. */
function limitOf(maxBytes: number, rows: Iterable<Change>): number {
  let bytes = 0
  for (const row of rows) bytes += JSON.stringify(row).length
  return Math.max(maxBytes, 3 * bytes)
}
