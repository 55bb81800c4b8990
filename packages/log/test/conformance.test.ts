import { describeBatchSource, describeWriteTransport, logOf, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll } from 'vitest'
import {
  createHttpSource,
  createHttpTransport,
  createRecordedLog,
  createSnapshotSource,
  defaultTimes,
  openStream,
} from '../src/index.ts'

let server: Promise<StreamServer> | undefined
const kit = (): Promise<StreamServer> => (server ??= startStreamServer({ longPollTimeout: 500 }))
afterAll(async () => (await server)?.stop())

const times = { ...defaultTimes, initialDelay: 1, maxDelay: 20 }

for (const mode of ['sse', 'long-poll'] as const) {
  describeBatchSource(`HTTP, ${mode}`, async (batches, { live }) => {
    const { createStream, appendItems, closeStream } = await kit()
    const url = await createStream()
    for (const items of batches) await appendItems(url, items)
    const { stream, streamOptions } = openStream({ url }, times)
    return {
      source: createHttpSource({ stream, streamOptions, live: live && mode, times }),
      append: async (items) => void (await appendItems(url, items)),
      close: () => closeStream(url),
    }
  })
}

describeBatchSource('HTTP, with snapshots, of which there are none', async (batches, { live }) => {
  const { createStream, appendItems, closeStream } = await kit()
  const url = await createStream()
  for (const items of batches) await appendItems(url, items)
  const { stream, streamOptions } = openStream({ url }, times)
  const log = createHttpSource({ stream, streamOptions, live, times })
  return {
    source: createSnapshotSource(log, { stream, streamOptions, times }),
    append: async (items) => void (await appendItems(url, items)),
    close: () => closeStream(url),
  }
})

describeBatchSource('HTTP, a handle of the application', async (batches, { live }) => {
  const { createStream, appendItems, closeStream } = await kit()
  const url = await createStream()
  for (const items of batches) await appendItems(url, items)
  const { stream } = openStream({ url }, times)
  return {
    source: createHttpSource({ stream, live, times }),
    append: async (items) => void (await appendItems(url, items)),
    close: () => closeStream(url),
  }
})

describeBatchSource('a recording', (batches, { live }) => {
  const log = createRecordedLog(batches)
  return { source: log.createSource({ live }), append: log.append, close: log.close }
})

describeWriteTransport('HTTP', async (signal) => {
  const url = await (await kit()).createStream()
  return {
    transport: createHttpTransport({ ...openStream({ url }, times), times, signal }),
    stored: () => logOf(url),
  }
})

describeWriteTransport('a recording', () => {
  const log = createRecordedLog()
  return { transport: log.transport, stored: () => log.batches.flat() }
})
