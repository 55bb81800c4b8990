import { eventually, startFaultProxy, startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { ScriptedHandler, StreamServer } from '@streamdb/testkit'
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHttpTransport, StreamDBError } from '../src/index.ts'
import { fakeStream, offsetOf, openScriptedSource, openSource } from './open-source.ts'
import type { OpenSource, OpenSourceOptions } from './open-source.ts'

let server: Promise<StreamServer> | undefined
const kit = (): Promise<StreamServer> => (server ??= startStreamServer())
afterAll(async () => (await server)?.stop())
afterEach(() => vi.unstubAllGlobals())

const transportOf = ({ stream, streamOptions, source }: OpenSource, times?: OpenSourceOptions['times']) => {
  const ending = new AbortController()
  onTestFinished(() => ending.abort(new Error('the test is over')))
  return createHttpTransport({
    stream,
    streamOptions,
    source,
    signal: ending.signal,
    times: {
      initialDelay: 2,
      maxDelay: 20,
      connectTimeout: 15_000,
      idleTimeout: 20_000,
      maxRetries: Infinity,
      ...times,
    },
  })
}

/** A real stream behind a proxy on the way that passes the head of SSE and holds its body back. */
async function openHeldBack(options?: OpenSourceOptions) {
  const { createStream, appendItems } = await kit()
  const direct = await createStream()
  let live: string[] = []
  const script = await startScriptedServer(async (request, reply) => {
    if (request.live === 'sse') {
      live.push('sse')
      reply.sse()
      return
    }
    if (request.live !== undefined) live.push(request.live)
    const url = new URL(direct)
    url.search = request.query.toString()
    const { method, body } = request
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) {
      if (/^(producer-|content-type)/.test(name)) headers.set(name, String(value))
    }
    const answer = await fetch(url, { method, headers, ...(method === 'POST' && { body }) })
    const text = await answer.text()
    reply.response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text)
  })
  onTestFinished(() => script.close())
  return {
    ...openSource(`${script.url}/stream`, options),
    url: `${script.url}/stream`,
    append: (...items: unknown[]) => appendItems(direct, items),
    live: () => live,
    forget: () => (live = []),
  }
}

describe('live means evidence', () => {
  test('[F-real-2] SSE that is held back: an own write notices, and other readers of the origin know', async () => {
    const held = await openHeldBack()
    await eventually(() => expect(held.live()).toEqual(['sse']))
    const began = performance.now()
    await transportOf(held).append({ txid: 'tx', body: '"a"' }).done
    await eventually(() => expect(held.items).toEqual(['a']))
    expect(performance.now() - began).toBeLessThan(4000)
    await eventually(() => expect(held.live()).toEqual(['sse', 'long-poll']))
    await held.append('b')
    await eventually(() => expect(held.items).toEqual(['a', 'b']))
    expect(held.events.map(({ type }) => type)).not.toContain('break')

    held.forget()
    const other = openSource(held.url)
    await eventually(() => expect(other.items).toEqual(['a', 'b']))
    await eventually(() => expect(held.live()).toContain('long-poll'))
    expect(held.live()).not.toContain('sse')
  })

  test('[F-real-2] SSE that is held back: noticed within a heartbeat otherwise', async () => {
    const held = await openHeldBack({ times: { idleTimeout: 100 } })
    await eventually(() => expect(held.live()).toEqual(['sse']))
    await held.append('a')
    await eventually(() => expect(held.items).toEqual(['a']))
    await eventually(() => expect(held.live()).toContain('long-poll'))
  })

  test('[F-real-3] a quiet stream whose server closes SSE again and again is no break, and SSE stays', async () => {
    let opened = 0
    const { events, script } = await openScriptedSource((request, reply) => {
      if (request.live === undefined) return reply.page({ nextOffset: '1', upToDate: true })
      opened++
      const sse = reply.sse().control({ nextOffset: '1' })
      setTimeout(() => sse.end(), 120)
    })
    await eventually(() => expect(opened).toBeGreaterThan(5))
    expect(events.filter(({ type }) => type !== 'start')).toEqual([{ type: 'mode', mode: 'sse' }])
    expect(script.requests.some(({ live }) => live === 'long-poll')).toBe(false)
  })

  test('[F-real-3] a connection that its server ends is followed by another one, with no page before it', async () => {
    const all = ['a']
    const { items, script } = await openScriptedSource((request, reply) => {
      const at = request.offset === '-1' ? 0 : Number(request.offset)
      const nextOffset = String(all.length)
      if (request.live === undefined) return reply.page({ items: all.slice(at), nextOffset, upToDate: true })
      const sse = reply.sse()
      if (at < all.length) sse.data(all.slice(at))
      sse.control({ nextOffset, upToDate: true })
      setTimeout(() => {
        all.push('b')
        sse.end()
      }, 120)
    })
    await eventually(() => expect(items.length).toBeGreaterThan(3))
    // Each of them brings something: nothing is asked beside them.
    expect(script.requests.map(({ live }) => live).slice(0, 4)).toEqual([undefined, 'sse', 'sse', 'sse'])
  })

  test('[F-real-3] a server that ends connections and says nothing in them is asked for a page in between', async () => {
    const { script } = await openScriptedSource((request, reply) => {
      if (request.live === undefined) return reply.page({ nextOffset: '1', upToDate: true })
      const sse = reply.sse()
      setTimeout(() => sse.end(), 120)
    })
    await eventually(() => expect(script.requests.filter(({ live }) => live === 'sse').length).toBe(4))
    const kinds = script.requests.map(({ live, offset }) => live ?? (offset === 'now' ? 'now' : 'page'))
    expect(kinds.slice(0, 5)).toEqual(['page', 'sse', 'sse', 'page', 'now'])
  })

  test('[F-real-3] a silent connection that a page agrees with is kept', async () => {
    let opened = 0
    const { events, script } = await openScriptedSource(
      (request, reply) => {
        if (request.live === undefined) return reply.page({ nextOffset: '1', upToDate: true })
        opened++
        reply.sse().control({ nextOffset: '1' })
      },
      { times: { idleTimeout: 30 } },
    )
    await eventually(() => expect(script.requests.length).toBeGreaterThan(8))
    expect(opened).toBe(1)
    expect(events.map(({ type }) => type)).toEqual(['start', 'mode'])
  })

  test('[F-real-52] a connection that froze: the acknowledged write is read by page', async () => {
    const { createStream, url: origin } = await kit()
    const proxy = await startFaultProxy(origin)
    onTestFinished(() => proxy.close())
    const opened = openSource(proxy.through(await createStream()))
    await eventually(() => expect(proxy.requests.at(-1)?.line).toContain('live=sse'))
    await eventually(() => expect(opened.events.at(-1)).toEqual({ type: 'mode', mode: 'sse' }))
    proxy.freeze()
    await transportOf(opened).append({ txid: 'tx', body: '"a"' }).done
    await eventually(() => expect(opened.items).toEqual(['a']))
  })

  test('[F-real-5] an append that finds no stream tells the reader at once', async () => {
    const { createStream, deleteStream } = await kit()
    const url = await createStream()
    const opened = openSource(url, { onMissing: 'create' })
    await eventually(() => expect(opened.events.at(-1)).toEqual({ type: 'mode', mode: 'sse' }))
    const ending = new AbortController()
    onTestFinished(() => ending.abort(new Error('the test is over')))
    const { stream, streamOptions, source } = opened
    const transport = createHttpTransport({
      stream,
      streamOptions,
      source,
      signal: ending.signal,
      onMissing: 'create',
    })
    await deleteStream(url)
    await transport.append({ txid: 'tx', body: '"a"' }).done
    await eventually(() => expect(opened.items).toEqual(['a']))
  })
})

describe('hidden pages and few connections', () => {
  function stubBrowser() {
    const page = Object.assign(new EventTarget(), { hidden: false })
    vi.stubGlobal('document', page)
    vi.stubGlobal('location', { href: 'http://page.test/', origin: 'http://page.test' })
    const show = (hidden: boolean): void => {
      page.hidden = hidden
      page.dispatchEvent(new Event('visibilitychange'))
    }
    return { show }
  }

  test('[F-real-4] a hidden page goes on slowly, and an own write is read at once', async () => {
    const { show } = stubBrowser()
    const { createStream, appendItems } = await kit()
    const url = await createStream()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const opened = openSource(url)
    await vi.waitFor(() => expect(opened.events.at(-1)).toEqual({ type: 'mode', mode: 'sse' }))
    show(true)
    await appendItems(url, ['a'])
    await vi.waitFor(() => expect(opened.items).toEqual(['a']))
    await vi.advanceTimersByTimeAsync(10_000)
    await vi.waitFor(() => expect(opened.events.at(-1)).toEqual({ type: 'mode', mode: 'polling' }))
    await appendItems(url, ['b'])
    expect(opened.items).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(5_000)
    await vi.waitFor(() => expect(opened.items).toEqual(['a', 'b']))
    await appendItems(url, ['c'])
    await new Promise(setImmediate)
    opened.source.verify('unconfirmed-write')
    await vi.waitFor(() => expect(opened.items).toEqual(['a', 'b', 'c']))
    show(false)
    await vi.waitFor(() => expect(opened.events.at(-1)).toEqual({ type: 'mode', mode: 'sse' }))
  })

  test('[F-real-6] of seven readers of an origin four hold a connection; all of them read, and the used ones hold it', async () => {
    stubBrowser()
    const { createStream, appendItems, url: origin } = await kit()
    const proxy = await startFaultProxy(origin)
    onTestFinished(() => proxy.close())
    const urls = await Promise.all(Array.from({ length: 7 }, () => createStream()))
    const readers = urls.map((url) => openSource(proxy.through(url)))
    const modeOf = ({ events }: OpenSource): unknown => events.filter(({ type }) => type === 'mode').at(-1)
    const live = (): number =>
      readers.filter((reader) => JSON.stringify(modeOf(reader)).includes('sse')).length
    await eventually(() => expect(readers.every((reader) => modeOf(reader) !== undefined)).toBe(true))
    await eventually(() => expect(live()).toBe(4))
    await Promise.all(urls.map((url, index) => appendItems(url, [index])))
    await eventually(() => expect(readers.map(({ items }) => items)).toEqual(urls.map((_, index) => [index])))
    await eventually(() => expect(live()).toBe(4))
    const idle = readers.find((reader) => !JSON.stringify(modeOf(reader)).includes('sse'))
    idle?.source.verify('unconfirmed-write')
    for (const reader of readers) expect(reader.events.map(({ type }) => type)).not.toContain('break')
  })
})

describe('streams that move under a reader', () => {
  test.each(['echo', 416] as const)(
    '[F-real-53] made anew, on a server that answers %s to an offset beyond the end',
    async (beyond) => {
      const fake = fakeStream({ beyond })
      fake.append('a', 'b', 'c')
      const opened = await openScriptedSource(fake.handler, { live: 'long-poll', times: { idleTimeout: 50 } })
      await eventually(() => expect(opened.items).toEqual(['a', 'b', 'c']))
      fake.items = ['x']
      opened.source.verify('unconfirmed-write')
      await eventually(() => expect(opened.items).toEqual(['x']))
      expect(opened.restarts).toEqual(['stream-replaced'])
      fake.append('y')
      await eventually(() => expect(opened.items).toEqual(['x', 'y']))
    },
  )

  test('[F-real-53] made anew while the reader was away: an empty page is not believed', async () => {
    const fake = fakeStream({ beyond: 'echo' })
    fake.append('a', 'b', 'c')
    let isDown = false
    const opened = await openScriptedSource(
      (request, reply) => (isDown ? reply.destroy() : fake.handler(request, reply)),
      { live: 'long-poll' },
    )
    await eventually(() => expect(opened.items).toEqual(['a', 'b', 'c']))
    isDown = true
    fake.append('lost')
    await eventually(() => expect(opened.events.at(-1)?.type).toBe('break'))
    fake.items = ['x']
    isDown = false
    await eventually(() => expect(opened.items).toEqual(['x']))
  })

  test('[F-real-53] SSE whose control event goes back', async () => {
    let isNew = false
    const { items, restarts } = await openScriptedSource((request, reply) => {
      const end = isNew ? '0000000001' : '0000000003'
      if (request.method === 'HEAD') return reply.page({ nextOffset: end })
      if (request.live === 'sse') {
        const sse = reply.sse().control({ nextOffset: end })
        if (isNew) return
        setTimeout(() => {
          isNew = true
          sse.data(['x']).control({ nextOffset: '0000000001' })
        }, 20)
        return
      }
      if (request.offset === '-1')
        return reply.page({ items: isNew ? ['x'] : ['a', 'b', 'c'], nextOffset: end, upToDate: true })
      // It echoes whatever it is asked for.
      reply.page({ nextOffset: request.offset === 'now' ? end : request.offset, upToDate: true })
    })
    await eventually(() => expect(items).toEqual(['x']))
    expect(restarts).toEqual(['stream-replaced'])
  })

  test.each([
    ['echoes the offset', false, '0000000003'],
    ['says where it ends', false, '0000000001'],
    ['says which stream it is', true, '0000000003'],
  ] as const)(
    '[F-real-53] made anew between two SSE connections, by a server that %s',
    async (_, isCounted, echoed) => {
      let isNew = false
      const { items, restarts, script } = await openScriptedSource((request, reply) => {
        const end = isNew ? '0000000001' : '0000000003'
        const headers = isCounted ? { 'Stream-Incarnation': isNew ? '2' : '1' } : {}
        if (request.method === 'HEAD') return reply.page({ nextOffset: end, headers })
        if (request.live === 'sse') {
          const isBehind = request.offset === '0000000003' && isNew
          const sse = reply.sse(headers)
          sse.control({ nextOffset: isBehind ? echoed : end, upToDate: true })
          if (isNew) return
          setTimeout(() => {
            isNew = true
            sse.end()
          }, 120)
          return
        }
        if (request.offset === '-1')
          return reply.page({
            items: isNew ? ['x'] : ['a', 'b', 'c'],
            nextOffset: end,
            upToDate: true,
            headers,
          })
        reply.page({ nextOffset: request.offset === 'now' ? end : request.offset, upToDate: true, headers })
      })
      await eventually(() => expect(items).toEqual(['x']))
      expect(restarts).toEqual(['stream-replaced'])
      expect(script.requests.filter(({ live }) => live === 'sse').length).toBeGreaterThan(1)
    },
  )

  test('[F-real-53] another Stream-Incarnation', async () => {
    let incarnation = '1'
    const { items, restarts } = await openScriptedSource(
      (request, reply) => {
        const headers = { 'Stream-Incarnation': incarnation }
        const all = incarnation === '1' ? ['a'] : ['x', 'y']
        if (request.live !== undefined) {
          setTimeout(() => {
            const next = incarnation
            incarnation = '2'
            reply.page({
              nextOffset: next === '1' ? '1' : '2',
              upToDate: true,
              headers: { 'Stream-Incarnation': '2' },
            })
          }, 120)
          return
        }
        reply.page({
          items: request.offset === '-1' ? all : [],
          nextOffset: String(all.length),
          upToDate: true,
          headers,
        })
      },
      { live: 'long-poll' },
    )
    await eventually(() => expect(items).toEqual(['x', 'y']))
    expect(restarts).toEqual(['stream-replaced'])
  })

  test('[F-real-71] two replicas, one of them behind: nothing is read anew, and nothing is asked in a loop', async () => {
    const all = ['a', 'b', 'c', 'd']
    let requests = 0
    const handler: ScriptedHandler = (request, reply) => {
      const end = requests++ % 2 === 0 ? 4 : 2
      const { offset = '-1', method, live } = request
      if (method === 'HEAD' || offset === 'now')
        return reply.page({ nextOffset: offsetOf(end), upToDate: true })
      const at = offset === '-1' ? 0 : Number(offset)
      // The slower one says where its log ends, whatever it is asked for.
      if (at > end) return reply.page({ nextOffset: offsetOf(end), upToDate: true })
      if (live !== undefined && at === end)
        return void setTimeout(() => reply.noContent({ nextOffset: offsetOf(end) }), 150)
      reply.page({ items: all.slice(at, end), nextOffset: offsetOf(end), upToDate: true })
    }
    const { items, restarts } = await openScriptedSource(handler, { live: 'long-poll' })
    await eventually(() => expect(items).toEqual(all))
    const from = requests
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect([items, restarts]).toEqual([all, []])
    expect(requests - from).toBeLessThan(200)
  })
})

describe('bodies', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' }

  test('[F-real-54] [EN11] without `arrays`: newline-delimited JSON is read, and a page that is cut inside a line goes on with the next', async () => {
    const text = '{"n":1}\n{"n":2}\n{"n":3}\n'
    const { items, batches } = await openScriptedSource(
      (request, reply) => {
        if (request.offset === '-1')
          return reply.page({ body: text.slice(0, 11), nextOffset: '11', headers: ndjson })
        if (request.offset === '11')
          return reply.page({ body: text.slice(11, 13), nextOffset: '13', headers: ndjson })
        reply.page({ body: text.slice(13), nextOffset: '24', upToDate: true, headers: ndjson })
      },
      { live: false },
    )
    await eventually(() => expect(items).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]))
    // No position lies inside an event.
    expect(batches.filter(({ complete }) => complete).map(({ from, offset }) => [from, offset])).toEqual([
      ['-1', '24'],
    ])
  })

  test.each([[0], [8], [11], [16]])(
    '[F-real-54] a page of lines that is cut after %i bytes, and ends as if it were whole, is read again',
    async (after) => {
      const text = '{"n":1}\n{"n":2}\n{"n":3}\n'
      let isCut = true
      const { items, batches, script } = await openScriptedSource(
        (_, { response }) => {
          // Without a length, and of a connection that closes: fetch takes the end of the one for that of the other.
          response.writeHead(200, {
            ...ndjson,
            ...{ connection: 'close', 'transfer-encoding': 'chunked' },
            ...{ 'stream-next-offset': String(text.length), 'stream-up-to-date': 'true' },
          })
          response.flushHeaders()
          if (!isCut) return void response.end(text)
          isCut = false
          if (after > 0) response.write(text.slice(0, after))
          setImmediate(() => response.socket?.destroySoon())
        },
        { live: false },
      )
      await eventually(() => expect(batches.at(-1)?.upToDate).toBe(true))
      expect(items).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
      expect(script.requests).toHaveLength(2)
    },
  )

  test('[F-real-54] offsets that count something else than bytes: a page is asked for twice, and delivered once', async () => {
    const { items, batches, script } = await openScriptedSource(
      (_, reply) => reply.page({ body: '{"n":1}\n', nextOffset: '1000', upToDate: true, headers: ndjson }),
      { live: false },
    )
    await eventually(() => expect(batches.at(-1)?.upToDate).toBe(true))
    expect(items).toEqual([{ n: 1 }])
    expect(script.requests).toHaveLength(2)
  })

  test('[F-real-54] a single event, and none', async () => {
    const { items, events } = await openScriptedSource(
      (request, reply) =>
        request.offset === '-1'
          ? reply.page({ body: '{"n":1}\n', nextOffset: '8', headers: ndjson })
          : reply.page({ body: '', nextOffset: '8', upToDate: true, headers: ndjson }),
      { live: false },
    )
    await eventually(() => expect(events.at(-1)).toEqual({ type: 'end', reason: 'not-live' }))
    expect(items).toEqual([{ n: 1 }])
  })

  test('[F-real-31] a page of HTML is tried again, and the error says what it is', async () => {
    const { events } = await openScriptedSource((_request, reply) =>
      reply.page({ body: '<!doctype html><h1>Hi', headers: { 'content-type': 'text/html; charset=utf-8' } }),
    )
    await eventually(() => expect(events.filter(({ type }) => type === 'break').length).toBeGreaterThan(2))
    expect(events.at(-1)).toMatchObject({
      error: {
        code: 'unreachable',
        message: expect.stringContaining(
          'received text/html, expected application/json: is this URL a stream?',
        ) as unknown,
      },
    })
  })

  test('[F-real-31] a stream of text fails for good', async () => {
    const url = await (await kit()).createStream('/text', { contentType: 'text/plain' })
    await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' })
    const { events } = openSource(url)
    await eventually(() =>
      expect(events.at(-1)).toMatchObject({ type: 'fail', error: { code: 'stream-failed' } }),
    )
    expect(events.at(-1)).toMatchObject({
      error: { message: expect.stringContaining('received text/plain') as unknown },
    })
  })

  test('[F-real-57] a value nested 10,000 deep, first of a large page, reads like any other', async () => {
    const deep = `${'['.repeat(10_000)}1${']'.repeat(10_000)}`
    const rest = JSON.stringify(Array.from({ length: 3000 }, (_, n) => ({ n, text: 'x'.repeat(300) }))).slice(
      1,
    )
    const { items, events } = await openScriptedSource(
      (_request, reply) => reply.page({ body: `[${deep},${rest}`, nextOffset: '1', upToDate: true }),
      { live: false },
    )
    await eventually(() => expect(events.at(-1)).toEqual({ type: 'end', reason: 'not-live' }))
    expect(items).toHaveLength(3001)
  })

  test.each([new RangeError('Maximum call stack size exceeded'), new TypeError('mistake')])(
    '[F-real-57] what a sink throws is no break: %s',
    async (mistake) => {
      const { events, script } = await openScriptedSource(
        (_request, reply) => reply.page({ items: ['a'], nextOffset: '1', upToDate: true }),
        {
          onBatch: () => {
            throw mistake
          },
        },
      )
      await eventually(() => expect(events.map(({ type }) => type)).toEqual(['start', 'fail']))
      expect(events.at(-1)).toMatchObject({ error: { code: 'stream-failed', cause: mistake } })
      expect(script.requests).toHaveLength(1)
    },
  )

  test('[F-real-7] a runtime whose responses have no stream, as React Native, reads by long-polls', async () => {
    const { createStream, appendItems } = await kit()
    const url = await createStream(undefined, { items: ['a'] })
    const whole: typeof globalThis.fetch = async (...args) => {
      const response = await fetch(...args)
      return Object.defineProperty(response, 'body', { value: undefined })
    }
    const { items, events } = openSource(url, { streamOptions: { fetch: whole } })
    await eventually(() => expect(items).toEqual(['a']))
    await eventually(() => expect(events.at(-1)).toEqual({ type: 'mode', mode: 'long-poll' }))
    await appendItems(url, ['b'])
    await eventually(() => expect(items).toEqual(['a', 'b']))
    expect(events.map(({ type }) => type)).not.toContain('break')
  })
})

describe('onError', () => {
  test("[F-real-44] is the client's: its error classes, its answers; a refreshed token goes on", async () => {
    const { FetchError } = await import('@durable-streams/client')
    const seen: unknown[] = []
    const { items, script } = await openScriptedSource(
      (request, reply) =>
        request.headers.authorization === 'Bearer new'
          ? reply.page({ items: ['a'], nextOffset: '1', closed: true })
          : reply.status(401, { body: 'who are you?' }),
      {
        streamOptions: {
          headers: { Authorization: 'Bearer old' },
          onError: async (error) => {
            seen.push(error)
            await Promise.resolve()
            if (error instanceof FetchError && error.status === 401)
              return { headers: { authorization: 'Bearer new' } }
            return {}
          },
        },
      },
    )
    await eventually(() => expect(items).toEqual(['a']))
    expect(seen).toEqual([expect.any(FetchError)])
    expect(seen[0]).toMatchObject({ status: 401, text: 'who are you?' })
    expect(script.requests).toHaveLength(2)
  })

  test('[F-real-44] `{}` never makes a loop: refused connections, 503, 422 and close()', async () => {
    const onError = vi.fn(() => ({}))
    for (const status of [503, 422]) {
      const { script, source } = await openScriptedSource((_request, reply) => reply.status(status), {
        streamOptions: { onError },
        times: { initialDelay: 50, maxDelay: 50 },
      })
      const start = performance.now()
      await eventually(() => expect(script.requests.length).toBeGreaterThan(3))
      source.stop()
      // Half of each pause is fixed, so more than one attempt in 25 ms would be a loop.
      expect(script.requests.length).toBeLessThan((performance.now() - start) / 25 + 2)
    }
    expect(onError.mock.calls.length).toBeGreaterThan(2)
    const { source, events } = openSource('http://127.0.0.1:1/', { streamOptions: { onError } })
    await eventually(() => expect(events.at(-1)?.type).toBe('break'))
    source.stop()
    const before = onError.mock.calls.length
    const hanging = await openScriptedSource((request, reply) =>
      request.live === undefined ? reply.page({ nextOffset: '1', upToDate: true }) : reply.hang(),
    )
    await eventually(() => expect(hanging.script.requests.length).toBeGreaterThan(1))
    hanging.source.stop()
    await new Promise(setImmediate)
    expect(onError.mock.calls.length).toBe(before)
  })

  test('[F-real-44] nothing returned stops, and what it throws is the cause', async () => {
    const { events } = await openScriptedSource((_request, reply) => reply.status(401), {
      streamOptions: { onError: () => undefined },
    })
    await eventually(() =>
      expect(events.at(-1)).toMatchObject({ type: 'fail', error: { code: 'unauthorized' } }),
    )
    const mistake = new Error('mistake')
    const thrown = await openScriptedSource((_request, reply) => reply.status(401), {
      streamOptions: {
        onError: () => {
          throw mistake
        },
      },
    })
    await eventually(() =>
      expect(thrown.events.at(-1)).toMatchObject({ type: 'fail', error: { cause: mistake } }),
    )
    expect((thrown.events.at(-1) as { error: StreamDBError }).error).toBeInstanceOf(StreamDBError)
  })
})
