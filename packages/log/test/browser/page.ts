// Runs in a page: reads streams, and appends to them, as many as a test asks for.

import { createHttpSource, createHttpTransport, openStream } from '../../src/index.ts'
import type { BatchSource, ReadMode, WriteTransport } from '../../src/index.ts'

interface Reader {
  readonly source: BatchSource
  readonly transport: WriteTransport
  readonly items: unknown[]
  mode: ReadMode | undefined
}

const readers: Reader[] = []

const page = {
  open(urls: readonly string[]): void {
    for (const url of urls) {
      const opened = openStream({ url, warnOnHttp: false })
      const source = createHttpSource({ ...opened, live: true })
      const { signal } = new AbortController()
      const transport = createHttpTransport({ ...opened, source, signal })
      const reader: Reader = { source, transport, items: [], mode: undefined }
      readers.push(reader)
      source.start(undefined, {
        onBatch(batch) {
          reader.items.push(...batch.items)
          return { type: 'continue' }
        },
        onConnection: (event) => void (event.type === 'mode' && (reader.mode = event.mode)),
        onRestart: () => void (reader.items.length = 0),
        onSeekRefused: () => undefined,
        ready: () => Promise.resolve(),
      })
    }
  },
  modes: () => readers.map(({ mode }) => mode),
  items: () => readers.map(({ items }) => items),
  append: (index: number, body: string) => readers[index]?.transport.append({ txid: body, body }).done,
}

export type TestPage = typeof page
Object.assign(globalThis, { page })
