import { readState } from '@streamdb/log'
import type { StateRead } from '@streamdb/log'
import { isChangeEvent } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'
import { startStreamServer } from '@streamdb/testkit'
import { scratchFolder } from '@streamdb/example-shared/testing'
import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { state } from '../src/state.ts'
import { Reader } from '../worker/reader.ts'
import type { Mode, ReaderOptions } from '../worker/reader.ts'

/** A stream server with a reader that can be ended and started again. */
export class TestReader {
  readonly server
  readonly #options
  #ending = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  readonly said: string[] = []

  private constructor(
    server: Awaited<ReturnType<typeof startStreamServer>>,
    options: Pick<ReaderOptions, 'url'> & Partial<ReaderOptions>,
  ) {
    this.server = server
    this.#options = {
      ...{ file: join(scratchFolder(), 'streams.json'), fetch, interval: 5, grace: 50, minEvents: 1_000_000 },
      ...{ keep: 10_000, maxBytes: 64 * 1024 * 1024, urlOf: (path: string) => server.url + path },
      events: { retry: { initialDelay: 5, maxDelay: 20 } },
      say: (text: string) => void this.said.push(text),
      ...options,
    }
  }

  static async start(
    mode: Mode,
    options: Pick<ReaderOptions, 'url'> & Partial<ReaderOptions>,
  ): Promise<TestReader> {
    const server = await startStreamServer()
    onTestFinished(async () => server.stop())
    const reader = new TestReader(server, options)
    onTestFinished(async () => reader.end())
    await reader.again(mode)
    return reader
  }

  /** Starts it again, as another process would. */
  async again(mode: Mode): Promise<void> {
    this.#ending = new AbortController()
    const { signal } = this.#ending
    setMaxListeners(30, signal)
    const reader = await Reader.open({ ...this.#options, signal })
    this.#running = reader.run().catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    await reader.read(mode)
  }

  /** Ends it without a word. */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  /** The address of the stream that is written. */
  get url(): string {
    const { stream } = JSON.parse(readFileSync(this.#options.file, 'utf8')) as { stream: string } // Generations wrote it.
    return this.server.url + stream
  }

  /** Reads the stream that is written now until `isEnough` says so; returns all changes in the order of the log. */
  async readUntil(isEnough: (events: readonly ChangeEvent[], read: StateRead) => boolean, url = this.url) {
    const events: ChangeEvent[] = []
    for await (const read of readState({ url, state, live: 'sse' })) {
      if (read.type === 'event' && isChangeEvent(read.event)) events.push(read.event)
      if (isEnough(events, read)) break
    }
    return events
  }
}

/** The rows of the changes that were inserted, in the order of the log. */
export function inserted(events: readonly ChangeEvent[]) {
  return events.filter(({ type, headers }) => type === 'change' && headers.operation === 'insert')
}
