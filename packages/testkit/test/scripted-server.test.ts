import { stream, type LiveMode } from '@durable-streams/client'
import { expect, onTestFinished, test } from 'vitest'
import {
  batchHandler,
  eventually,
  startScriptedServer,
  type ScriptedHandler,
  type ScriptedServer,
} from '../src/index.ts'

async function start(handler: ScriptedHandler): Promise<ScriptedServer> {
  const server = await startScriptedServer(handler)
  onTestFinished(() => server.close())
  return server
}

/** Reads with the real client until `count` items came, and returns them batch by batch. */
async function batches(
  url: string,
  live: LiveMode,
  count: number,
): Promise<{ items: unknown[]; offset: string }[]> {
  const reading = new AbortController()
  const seen: { items: unknown[]; offset: string }[] = []
  const response = await stream({ url, live, signal: reading.signal })
  response.closed.catch(() => {})
  response.subscribeJson(({ items, offset }) => {
    // A live read that starts up to date begins with a batch of nothing.
    if (items.length > 0) seen.push({ items: [...items], offset })
  })
  await eventually(() => expect(seen.flatMap(({ items }) => items)).toHaveLength(count))
  reading.abort()
  return seen
}

test.each<[live: LiveMode, catchUp: number]>([
  ['long-poll', 3],
  ['long-poll', 2],
  ['long-poll', 1],
  ['sse', 3],
  ['sse', 2],
  ['sse', 1],
])('the real client reads a cut log batch by batch (%s, %i in pages)', async (live, catchUp) => {
  const server = await start(batchHandler([[1], [2, 3], [4]], { catchUp }))
  expect(await batches(`${server.url}/s`, live, 4)).toEqual([
    { items: [1], offset: '1' },
    { items: [2, 3], offset: '2' },
    { items: [4], offset: '3' },
  ])
  expect(server.requests[0]).toMatchObject({
    index: 0,
    method: 'GET',
    path: '/s',
    offset: '-1',
    live: undefined,
    body: '',
  })
})

test.each<[live: LiveMode, catchUp: number]>([
  ['long-poll', 2],
  ['long-poll', 1],
  ['sse', 2],
  ['sse', 1],
])('the real client sees the end of a closed log (%s, %i in pages)', async (live, catchUp) => {
  const server = await start(batchHandler([[1], [2]], { catchUp, closed: true }))
  const response = await stream({ url: server.url, live })
  const seen: unknown[] = []
  response.subscribeJson(({ items }) => void seen.push(...items))
  // `closed` can resolve before the last batch is delivered.
  await response.closed
  await eventually(() => expect(seen).toEqual([1, 2]))
  expect(response.streamClosed).toBe(true)
})

test('a request shows its method, query, headers and body', async () => {
  const server = await start((_request, reply) => reply.status(204))
  await fetch(`${server.url}/s?offset=7&live=sse&x=1`, {
    method: 'POST',
    body: '[1]',
    headers: { authorization: 'token' },
  })
  const [request] = server.requests
  expect(request).toMatchObject({ method: 'POST', path: '/s', offset: '7', live: 'sse', body: '[1]' })
  expect(request?.query.get('x')).toBe('1')
  expect(request?.headers.authorization).toBe('token')
})

test('a page can lack its headers', async () => {
  const server = await start((_request, reply) =>
    reply.page({ body: '[{', headers: { 'content-type': 'text/html' } }),
  )
  const response = await fetch(server.url)
  expect(await response.text()).toBe('[{')
  expect(response.headers.get('content-type')).toBe('text/html')
  expect(response.headers.has('stream-next-offset')).toBe(false)
})

test('an event stream breaks between data and control', async () => {
  const server = await start((_request, reply) =>
    reply.sse().data([1]).control({ nextOffset: '1' }).data([2]).destroy('fin'),
  )
  const response = await fetch(server.url)
  let text = ''
  await expect(
    (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk)
    })(),
  ).rejects.toThrow()
  expect(text).toBe(
    'event: data\ndata:[1]\n\nevent: control\ndata:{"streamNextOffset":"1","upToDate":true}\n\nevent: data\ndata:[2]\n\n',
  )
})

test('hangs, breaks off, and counts open connections', async () => {
  const server = await start((_request, reply) => reply.hang())
  const abort = new AbortController()
  const hanging = fetch(server.url, { signal: abort.signal }).catch((error: unknown) => error)
  await eventually(() => expect(server.open).toBe(1))
  abort.abort()
  server.use((_request, reply) => reply.destroy())
  await expect(fetch(server.url)).rejects.toThrow()
  await hanging
  await eventually(() => expect(server.open).toBe(0))
})

test('closes while a response is open, and says what a handler threw', async () => {
  const server = await startScriptedServer((_request, reply) => void reply.sse())
  await fetch(server.url)
  server.use(() => {
    throw new Error('mistake in a handler')
  })
  await expect(fetch(server.url)).rejects.toThrow()
  await expect(server.close()).rejects.toThrow('mistake in a handler')
})
