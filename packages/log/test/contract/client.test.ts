import { DurableStream, IdempotentProducer, stream, type LiveMode } from '@durable-streams/client'
import {
  batchHandler,
  eventually,
  itemsOf,
  needs,
  startFaultProxy,
  startScriptedServer,
  startStreamServer,
  type ScriptedHandler,
} from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'

interface Wire {
  readonly handle: DurableStream
  readonly url: string
  readonly posts: () => number
  readonly read: () => Promise<unknown[]>
}

/** Starts a real server behind a proxy that counts the POSTs. */
async function startWire(): Promise<Wire> {
  const server = await startStreamServer()
  const proxy = await startFaultProxy(server.url)
  onTestFinished(async () => {
    await proxy.close()
    await server.stop()
  })
  const direct = await server.createStream()
  const url = proxy.through(direct)
  return {
    url,
    handle: new DurableStream({ url, contentType: 'application/json' }),
    posts: () => proxy.requests.filter(({ method }) => method === 'POST').length,
    read: async () => itemsOf(await fetch(`${direct}?offset=-1`)),
  }
}

interface Batch {
  readonly items: readonly unknown[]
  readonly offset: string
}

/** Reads a scripted server with the client, and keeps what is delivered and how it ended. */
async function read(handler: ScriptedHandler, live: LiveMode) {
  const server = await startScriptedServer(handler)
  const reading = new AbortController()
  onTestFinished(async () => {
    reading.abort()
    await server.close()
  })
  const batches: Batch[] = []
  const response = await stream({ url: server.url, live, signal: reading.signal })
  response.subscribeJson(({ items, offset }) => void batches.push({ items: [...items], offset }))
  return { batches, response, requests: server.requests }
}

const one = JSON.stringify({ n: 1 })
const two = JSON.stringify({ n: 2 })

test('[fact 7] events joined by commas in one append are several items of one POST', async () => {
  const { handle, posts, read } = await startWire()
  await handle.append([one, two].join())
  expect(await read()).toEqual([{ n: 1 }, { n: 2 }])
  expect(posts()).toBe(1)
})

test('[fact 7] an appended JSON array is one item, an array', async () => {
  const { handle, read } = await startWire()
  await handle.append(`[${one},${two}]`)
  expect(await read()).toEqual([[{ n: 1 }, { n: 2 }]])
})

test('[fact 7] appends that overlap share a POST, each whole and in order', async () => {
  const { handle, posts, read } = await startWire()
  await Promise.all([1, 2, 3, 4].map((n) => handle.append(`${n},${n}`)))
  expect(await read()).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  expect(posts()).toBe(2)
})

test('[fact 7] one message of the idempotent producer may hold several events too', async () => {
  const { handle, posts, read } = await startWire()
  const producer = new IdempotentProducer(handle, 'writer')
  producer.append([one, two].join())
  await producer.flush()
  expect(await read()).toEqual([{ n: 1 }, { n: 2 }])
  expect(posts()).toBe(1)
})

test('[fact 7] a handle that does not know the content type sends the bare text, which is refused', async () => {
  const { url, read } = await startWire()
  const bare = new DurableStream({ url })
  await expect(bare.append(one)).rejects.toThrow(/content.type.mismatch/i)
  await bare.head()
  await bare.append(one)
  expect(await read()).toEqual([{ n: 1 }])
})

test('[fact 7] the reference server stamps headers.offset on events; those of one append share it', async () => {
  await needs('stamps')
  const { handle, read } = await startWire()
  const event = JSON.stringify({ type: 'user', key: '1', value: {}, headers: { operation: 'insert' } })
  await handle.append([event, event].join())
  await handle.append(event)
  const offsets = JSON.stringify(await read()).match(/\d{16}_\d{16}/g) ?? []
  expect(offsets).toHaveLength(3)
  expect(offsets[1]).toBe(offsets[0])
  expect(String(offsets[2]) > String(offsets[1])).toBe(true)
})

test('[client] with live: false only the first page is read', async () => {
  const { batches, requests } = await read(batchHandler([[1], [2], [3]]), false)
  await eventually(() => expect(batches).toEqual([{ items: [1], offset: '1' }]))
  expect(requests).toHaveLength(1)
})

test('[client] closed resolves before the last batch is delivered', async () => {
  const { batches, response } = await read(batchHandler([[1]], { closed: true }), true)
  await response.closed
  expect(batches).toEqual([])
  await eventually(() => expect(batches).toEqual([{ items: [1], offset: '1' }]))
})

test('[client] an event stream that ends in order between data and control delivers the data twice, first with the offset before it', async () => {
  const { batches } = await read((request, reply) => {
    if (request.live === undefined) return reply.page({ nextOffset: '0', upToDate: true })
    const sse = reply.sse().data(['x'])
    return request.index === 1 ? sse.end() : void sse.control({ nextOffset: '1' })
  }, 'sse')
  await eventually(() => expect(batches).toHaveLength(3))
  expect(batches).toEqual([
    { items: [], offset: '0' },
    { items: ['x'], offset: '0' },
    { items: ['x'], offset: '1' },
  ])
})

test.each(['fin', 'rst'] as const)(
  '[client] an event stream that is cut by %s ends the session, without a retry',
  async (by) => {
    const { batches, response, requests } = await read((request, reply) => {
      if (request.live === undefined) return reply.page({ nextOffset: '0', upToDate: true })
      return reply.sse().data(['x']).destroy(by)
    }, 'sse')
    await expect(response.closed).rejects.toThrow()
    expect(batches).toEqual([{ items: [], offset: '0' }])
    expect(requests).toHaveLength(2)
  },
)
