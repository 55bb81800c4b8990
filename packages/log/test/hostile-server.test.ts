import { eventually, startScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import {
  createHttpTransport,
  createSnapshotRequests,
  defaultTimes,
  openStream,
  readIndex,
} from '../src/index.ts'
import { JsonItems } from '../src/json-array-parser.ts'
import { mergeEvents } from '../src/sse-coalescer.ts'
import { sseParser } from '../src/sse-events.ts'
import { openScriptedSource } from './open-source.ts'

// A server, or something on the way to it, whose answers never end: no reader keeps more of one than a bound.

/** A body of pieces, without an end that a reader should come to; `taken` counts them. */
function endless(piece: (n: number) => string): { body: ReadableStream<Uint8Array>; taken: () => number } {
  let count = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (count > 5_000) controller.close()
      else controller.enqueue(new TextEncoder().encode(piece(count++)))
    },
  })
  return { body, taken: () => count }
}

const drain = async (texts: AsyncIterable<string>, take: (text: string) => unknown = () => undefined) => {
  for await (const text of texts) take(text)
}

test('[F-net-10] an event of SSE that does not end is given up at the bound', async () => {
  const { body, taken } = endless((n) => (n === 0 ? 'event: data\ndata: ["' : 'x'.repeat(1_000)))
  await expect(drain(mergeEvents(body, '-1', undefined, 50_000))).rejects.toMatchObject({
    code: 'unreachable',
    message: 'A live event is larger than 50000 characters, or does not end: it is read by page',
  })
  expect(taken()).toBeLessThan(60)
})

test('[F-net-10] data without a control event is given up at the bound', async () => {
  const { body, taken } = endless(() => 'event: data\ndata: ["a"]\n\n')
  const parse = sseParser(5_000)
  await expect(drain(mergeEvents(body, '-1'), parse)).rejects.toMatchObject({ code: 'unreachable' })
  // Seven bytes of each piece are data.
  expect(taken()).toBeLessThan(2_000)
})

test.each([
  ['an object', '{"a":"'],
  ['a text', '"'],
  ['blanks', ' '],
  ['what follows an array', '[1]'],
])('[F-net-10] of a page, %s without an end is refused at the bound', (_, start) => {
  const parser = new JsonItems(1_000, 10_000)
  const fill = new TextEncoder().encode(
    start === ' ' || start === '[1]' ? ' '.repeat(1_000) : 'x'.repeat(1_000),
  )
  let pushed = 0
  const pushAll = (): void => {
    parser.push(new TextEncoder().encode(start))
    for (; pushed < 100; pushed++) parser.push(fill)
  }
  expect(pushAll).toThrow(/More than 10000 characters/)
  expect(pushed).toBeLessThan(20)
})

test('[F-net-10] a last item within the bound is taken, whatever blanks follow it', () => {
  const parser = new JsonItems(1_000, 10_000)
  const item = 'x'.repeat(9_990)
  const bytes = new TextEncoder().encode(`[1,"${item}"]${' '.repeat(500)}`)
  const items: unknown[] = []
  for (let at = 0; at < bytes.length; at += 700) items.push(...parser.push(bytes.subarray(at, at + 700)))
  expect([...items, ...parser.finish()]).toEqual([1, item])
})

test('[F-net-10] a reader whose live connection never ends an event goes on by page', async () => {
  let isEndless = true
  const { items, events } = await openScriptedSource(({ live, offset }, reply) => {
    if (live === 'sse' && isEndless) {
      const { response } = reply
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      // As fast as it is read, up to more than any reader keeps.
      const piece = Buffer.alloc(4 * 1024 * 1024, 'x')
      let left = 40
      const send = (): void => {
        while (left-- > 0) if (!response.write(piece)) return void response.once('drain', send)
      }
      response.once('close', () => (isEndless = false))
      response.write('event: data\ndata: "')
      send()
    } else if (live !== undefined) reply.sse().control({ nextOffset: '2' })
    else if (offset === '-1') reply.page({ items: ['a'], nextOffset: '1', upToDate: true })
    else reply.page({ items: offset === '1' ? ['b'] : [], nextOffset: '2', upToDate: true })
  })
  await eventually(() => expect(items).toEqual(['a', 'b']))
  expect(events.find(({ type }) => type === 'break')).toMatchObject({ error: { code: 'unreachable' } })
})

test('[F-net-10] the answer to a write that does not end is read no further than a bound', async () => {
  let sent = 0
  const script = await startScriptedServer(({ method }, { response }) => {
    if (method !== 'POST') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json', 'stream-next-offset': '1' })
    const piece = Buffer.alloc(64 * 1024)
    const send = (): void => {
      if (sent > 64 * 1024 * 1024 || response.destroyed) return
      sent += piece.byteLength
      if (response.write(piece)) setImmediate(send)
      else response.once('drain', send)
    }
    send()
  })
  onTestFinished(() => script.close())
  const { stream, streamOptions, source } = await openScriptedSource((_, reply) => reply.hang(), {
    streamOptions: { url: `${script.url}/stream` },
  })
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const transport = createHttpTransport({
    ...{ stream, streamOptions, source, times: defaultTimes },
    signal: ending.signal,
  })
  expect(await transport.append({ txid: 'tx', body: '"a"' }).done).toMatchObject({ offset: '1' })
  expect(sent).toBeLessThan(48 * 1024 * 1024)
})

test.each([
  ['pages', undefined],
  ['long-polls', 'long-poll'],
] as const)(
  '[F-net-6] %s that lead on and on, and bring nothing, are asked for with pauses',
  async (_, live) => {
    let asked = 0
    await openScriptedSource(
      (request, reply) => {
        const nextOffset = String(request.live === live ? ++asked : 0).padStart(9, '0')
        reply.page({ items: [], nextOffset, upToDate: live !== undefined })
      },
      { live: live ?? true },
    )
    await eventually(() => expect(asked).toBeGreaterThan(22))
    const before = asked
    await new Promise((resolve) => setTimeout(resolve, 200))
    // Without a pause some hundred come in that time.
    expect(asked - before).toBeLessThan(20)
  },
)

test('[F-net-1] the message of a break has the reason, and not the words of fetch alone', async () => {
  const { events } = await openScriptedSource((_, reply) => reply.destroy())
  await eventually(() => expect(events).toContainEqual(expect.objectContaining({ type: 'break' })))
  const failed = events.flatMap((event) => (event.type === 'break' ? [event.error] : []))[0]
  expect(failed).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/fetch failed \(.+\)/) })
})

test('[F-net-10] an index of snapshots that leads on and on, and holds nothing, is taken as it is', async () => {
  let asked = 0
  const script = await startScriptedServer((_, reply) =>
    reply.page({ items: [], nextOffset: String(++asked).padStart(9, '0') }),
  )
  onTestFinished(() => script.close())
  const url = `${script.url}/log.snapshots`
  const { stream, streamOptions } = openStream({ url, warnOnHttp: false })
  const requests = createSnapshotRequests({ stream, streamOptions })(url)
  const { signal } = new AbortController()
  expect(await readIndex(requests, url, { signal, timeout: 5_000 })).toMatchObject({ entries: [], items: 0 })
  expect(asked).toBeLessThan(50)
})
