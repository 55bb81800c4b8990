// Runs in a page: reads streams, and appends to them, as many as a test asks for.

import { createHttpSource, createHttpTransport, openStream } from '../../src/index.ts'
import type { BatchSource, ReadMode, StreamDBError, WriteTransport } from '../../src/index.ts'

interface Reader {
  readonly source: BatchSource
  readonly transport: WriteTransport
  readonly items: unknown[]
  mode: ReadMode | undefined
  /** What reading failed with, or waits for. */
  error: { readonly code: string; readonly message: string } | undefined
}

const readers: Reader[] = []

const page = {
  open(urls: readonly string[], given: { headers?: Record<string, string>; allow?: string[] } = {}): void {
    const { headers = {}, allow } = given
    for (const url of urls) {
      const opened = openStream({ url, headers, warnOnHttp: false, redirects: { allow } })
      const source = createHttpSource({ ...opened, live: true })
      const { signal } = new AbortController()
      const transport = createHttpTransport({ ...opened, source, signal })
      const reader: Reader = { source, transport, items: [], mode: undefined, error: undefined }
      readers.push(reader)
      source.start(undefined, {
        onBatch(batch) {
          reader.items.push(...batch.items)
          return { type: 'continue' }
        },
        onConnection(event) {
          if (event.type === 'mode') reader.mode = event.mode
          if (event.type !== 'fail' && event.type !== 'break') return
          const { code, message } = event.error
          reader.error = { code, message }
        },
        onRestart: () => void (reader.items.length = 0),
        onSeekRefused: () => undefined,
        ready: () => Promise.resolve(),
      })
    }
  },
  modes: () => readers.map(({ mode }) => mode),
  items: () => readers.map(({ items }) => items),
  errors: () => readers.map(({ error }) => error),
  append: (index: number, body: string) => readers[index]?.transport.append({ txid: body, body }).done,
  /** Resolves with what an append that fails is refused with. */
  refusal: async (index: number, body: string): Promise<string | undefined> =>
    readers[index]?.transport.append({ txid: body, body }).done.then(
      () => 'stored',
      (error: StreamDBError) => error.code,
    ),
}

export type TestPage = typeof page
Object.assign(globalThis, { page })
