import { basename } from 'node:path'
import { Generations } from './generations.ts'
import type { GenerationsOptions } from './generations.ts'
import { parseChange } from './parse-change.ts'
import { readEvents } from './read-events.ts'
import type { ReadEventsOptions } from './read-events.ts'
import { Recorder } from './recorder.ts'
import type { RecorderOptions } from './recorder.ts'
import { atSpeed, madeUp, readRecording, replayed } from './replay.ts'

/** Where changes are to come from. */
export type Mode =
  { readonly origin: 'live' } | { readonly origin: 'replay' | 'synthetic'; readonly speed: number }

export interface ReaderOptions extends RecorderOptions, GenerationsOptions {
  /** The address of the server-sent events. */
  readonly url: string
  /** The file of a replay. */
  readonly recording?: string | undefined
  /** How events are waited for. */
  readonly events?: Pick<ReadEventsOptions, 'retry' | 'idleTimeout'> | undefined
  /** Told what somebody at the console should know. */
  readonly say: (text: string) => void
}

/** Reads changes from one source, and from another one when it is told to, and writes them into the stream. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #recorder: Recorder
  readonly #generations: Generations
  #reading = new AbortController()
  #ended: Promise<void> = Promise.resolve()

  private constructor(options: ReaderOptions, generations: Generations, recorder: Recorder) {
    this.#options = options
    this.#generations = generations
    this.#recorder = recorder
    options.signal.addEventListener('abort', () => this.#reading.abort())
  }

  static async open(options: ReaderOptions): Promise<Reader> {
    const generations = await Generations.open(options)
    return new Reader(options, generations, await Recorder.open(options, generations))
  }

  /** Writes what is read until the signal aborts. */
  async run(): Promise<void> {
    try {
      await this.#recorder.run()
    } finally {
      await this.#generations.close()
    }
  }

  /** Reads from this source, and no longer from the one before. */
  async read(mode: Mode): Promise<void> {
    this.#reading.abort()
    const reading = new AbortController()
    this.#reading = reading
    await this.#ended
    // Another source was chosen meanwhile.
    if (reading.signal.aborted || this.#options.signal.aborted) return
    this.#ended = this.#start(mode, reading.signal).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error)
      this.#recorder.tell({ origin: mode.origin, state: 'ended', label: '', detail: text })
      this.#options.say(text)
    })
  }

  async #start(mode: Mode, signal: AbortSignal): Promise<void> {
    switch (mode.origin) {
      case 'live':
        return this.#readLive(signal)
      case 'replay': {
        const { recording: file } = this.#options
        if (file === undefined) throw new Error('There is no file to replay: start with --replay FILE')
        const recording = await readRecording(file)
        this.#recorder.tell({ ...mode, state: 'open', label: basename(file) })
        const began = Date.now()
        return this.#take(mode, (index) => ({ ...replayed(recording, index, began), at: Date.now() }), signal)
      }
      case 'synthetic': {
        this.#recorder.tell({ ...mode, state: 'open', label: 'Made-up changes' })
        const began = Date.now()
        return this.#take(mode, (index) => ({ ...madeUp(index, began), at: Date.now() }), signal)
      }
    }
  }

  async #take(
    mode: Mode & { readonly speed: number },
    next: Parameters<typeof atSpeed>[0],
    signal: AbortSignal,
  ) {
    for await (const change of atSpeed(next, mode.speed, signal))
      await this.#recorder.add(change, mode.origin)
  }

  async #readLive(signal: AbortSignal): Promise<void> {
    const { url, events, say } = this.#options
    const recorder = this.#recorder
    const { eventSource, eventId } = recorder.source
    const lastEventId = eventSource === url ? eventId : undefined
    let isSaid = false
    const onConnection: ReadEventsOptions['onConnection'] = (connection) => {
      const live = { origin: 'live', label: url } as const
      if (connection.name !== 'waiting') {
        // What is unreachable stays so until it is open, while it is tried again.
        const isTrying = connection.name === 'connecting' && recorder.source.detail !== undefined
        if (!isTrying) recorder.tell({ ...live, state: connection.name })
        if (connection.name === 'open') isSaid = false
        return
      }
      const { why: detail, nextTry, everOpen } = connection
      recorder.tell({ ...live, state: everOpen ? 'waiting' : 'unreachable', detail, nextTry })
      if (isSaid || everOpen) return
      isSaid = true
      say(
        `${new URL(url).host} cannot be reached (${detail}). It is tried again by itself.\n` +
          'The page offers made-up changes meanwhile; with --replay FILE a recording.',
      )
    }
    for await (const { id, data } of readEvents({ ...events, url, lastEventId, onConnection, signal })) {
      const parsed = parseChange(data)
      const added = parsed.type === 'change' ? recorder.add(parsed.change, 'live') : undefined
      // Before the wait: the change and the id are in the same append.
      if (id !== undefined) recorder.passed(url, id)
      await added
    }
  }
}
