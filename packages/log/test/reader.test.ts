import { eventually } from '@streamdb/testkit'
import type { JsonBatch, StreamResponse } from '@durable-streams/client'
import { expect, onTestFinished, test } from 'vitest'
import { defaultTimes } from '../src/backoff.ts'
import { createReader } from '../src/reader.ts'
import type { Batch } from '../src/batch-source.ts'
import type { Requests } from '../src/requests.ts'

// A fake client, for what a browser's may do: text() of a response takes it longer than to see the connection's end.
test('[L4] events that a connection delivers after its end are read by page, and not twice', async () => {
  const batches: Batch[] = []
  let deliver = (_batch: JsonBatch): void => undefined
  let left = 0
  const late = { items: ['b'], offset: '2', upToDate: true, streamClosed: false } as const
  const read: Requests['read'] = ({ offset, live }) => {
    // Once all is read nothing more comes.
    if (offset === '2') return new Promise(() => undefined)
    const session = {
      closed: Promise.resolve(),
      subscribeJson(subscriber: typeof deliver) {
        deliver = subscriber
        return () => void left++
      },
    }
    async function* body(): AsyncIterable<Uint8Array> {
      // The late one comes while a page is read.
      if (offset === '1') deliver(late)
      yield await Promise.resolve(new TextEncoder().encode(JSON.stringify(offset === '-1' ? ['a'] : ['b'])))
    }
    const contentType = live === 'sse' ? 'text/event-stream' : 'application/json'
    const head = {
      status: 200,
      offset: offset === '-1' ? '1' : '2',
      upToDate: true,
      closed: false,
      cursor: undefined,
      streamId: undefined,
      contentType,
    }
    return Promise.resolve({
      head,
      headers: new Headers(),
      body,
      cancel: () => undefined,
      session: session as unknown as StreamResponse, // the part of it that is read
    })
  }
  const requests: Requests = {
    url: 'http://fake.test/stream',
    href: 'http://fake.test/stream',
    origin: 'http://fake.test',
    read,
    findEnd: () => Promise.resolve(undefined),
    findId: () => Promise.resolve(undefined),
    create: () => Promise.resolve(),
    append: () => Promise.reject(new Error('not asked for')),
    askOnError: () => Promise.resolve(undefined),
  }
  const reader = createReader({
    requests,
    live: 'sse',
    times: { ...defaultTimes, initialDelay: 1, maxDelay: 1 },
    onMissing: 'fail',
  })
  onTestFinished(() => reader.stop())
  reader.start(undefined, {
    onBatch: (batch) => {
      batches.push(batch)
      return { type: 'continue' }
    },
    ready: () => Promise.resolve(),
    onRestart: () => undefined,
    onSeekRefused: () => undefined,
    onConnection: () => undefined,
  })
  await eventually(() => expect(batches.filter(({ complete }) => complete)).toHaveLength(2))
  expect(batches.flatMap(({ items }) => items)).toEqual(['a', 'b'])
  expect(left).toBe(1)
})
