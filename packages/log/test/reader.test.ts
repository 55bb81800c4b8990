import { eventually } from '@streamdb/testkit'
import type { JsonBatch, StreamResponse } from '@durable-streams/client'
import { expect, onTestFinished, test } from 'vitest'
import { defaultTimes } from '../src/backoff.ts'
import { createReader } from '../src/reader.ts'
import type { Batch } from '../src/batch-source.ts'
import type { Open } from '../src/http.ts'

// A fake client, for what a browser's may do: text() of a response takes it longer than to see the connection's end.
test('[L4] what the client delivers when its connection has ended is read by page, and not twice', async () => {
  const batches: Batch[] = []
  let deliver = (_batch: JsonBatch): void => undefined
  let left = 0
  const headers = new Headers({ 'stream-next-offset': '2' })
  const late = { items: ['b'], offset: '2', upToDate: true, streamClosed: false } as const
  const open: Open = ({ offset, live }) => {
    const answer = {
      ...late,
      headers,
      status: 200,
      offset: offset === '-1' ? '1' : '2',
      closed: Promise.resolve(),
    }
    const response = {
      ...answer,
      subscribeJson(subscriber: typeof deliver) {
        deliver = subscriber
        return () => void left++
      },
    }
    const items = offset === '-1' ? ['a'] : ['b']
    async function* body(): AsyncIterable<Uint8Array> {
      // The late one comes while a page is read.
      if (offset === '1') deliver(late)
      yield await Promise.resolve(new TextEncoder().encode(JSON.stringify(items)))
    }
    // Once all is read nothing more comes.
    if (live === 'sse' && offset === '2') return new Promise(() => undefined)
    return Promise.resolve({ response: response as unknown as StreamResponse, body })
  }
  const reader = createReader({
    open,
    url: 'http://fake.test/stream',
    live: 'sse',
    times: { ...defaultTimes, initialDelay: 1, maxDelay: 1 },
    onMissing: 'fail',
    create: () => Promise.resolve(),
  })
  onTestFinished(() => reader.stop())
  reader.start(undefined, {
    onBatch: (batch) => {
      batches.push(batch)
      return { type: 'continue' }
    },
    ready: () => Promise.resolve(),
    onRestart: () => undefined,
    onConnection: () => undefined,
  })
  await eventually(() => expect(batches.filter(({ complete }) => complete)).toHaveLength(2))
  expect(batches.flatMap(({ items }) => items)).toEqual(['a', 'b'])
  expect(left).toBe(1)
})
