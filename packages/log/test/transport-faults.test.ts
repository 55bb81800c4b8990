import { eventually, logOf, startFaultProxy, startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { FaultProxy, ScriptedHandler, ScriptedServer, StreamServer } from '@streamdb/testkit'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHttpTransport, defaultTimes, openStream } from '../src/index.ts'
import type { AppendRetry, HttpTransportOptions, OutgoingWrite, WriteTransport } from '../src/index.ts'
import { parseRetryAfter } from '../src/http-error.ts'

let server: Promise<StreamServer> | undefined
const kit = (): Promise<StreamServer> => (server ??= startStreamServer())
afterAll(async () => (await server)?.stop())

const write = (n: number, onRetry?: OutgoingWrite['onRetry']): OutgoingWrite => ({
  txid: `tx-${n}`,
  body: String(n),
  ...(onRetry && { onRetry }),
})

interface Opened {
  readonly transport: WriteTransport
  readonly ending: AbortController
}

function open(url: string, options: Partial<HttpTransportOptions> = {}): Opened {
  const ending = new AbortController()
  onTestFinished(() => ending.abort(new Error('the test is over')))
  const times = { ...defaultTimes, initialDelay: 2, maxDelay: 20, ...options.times }
  const given = openStream({ url, warnOnHttp: false }, times)
  return { transport: createHttpTransport({ ...given, signal: ending.signal, ...options, times }), ending }
}

async function openProxied(
  options?: Partial<HttpTransportOptions>,
): Promise<Opened & { readonly url: string; readonly proxy: FaultProxy; readonly posts: () => number }> {
  const { createStream, url: origin } = await kit()
  const proxy = await startFaultProxy(origin)
  onTestFinished(() => proxy.close())
  const url = await createStream()
  const posts = (): number => proxy.requests.filter(({ method }) => method === 'POST').length
  return { ...open(proxy.through(url), options), url, proxy, posts }
}

async function openScripted(
  handler: ScriptedHandler,
  options?: Partial<HttpTransportOptions>,
): Promise<Opened & { readonly script: ScriptedServer }> {
  const script = await startScriptedServer(handler)
  onTestFinished(() => script.close())
  return { ...open(`${script.url}/stream`, options), script }
}

describe('the wire', () => {
  test('[W2] carries producer, epoch and sequence, and the type of the stream', async () => {
    const { transport, script } = await openScripted((_request, reply) =>
      reply.noContent({ nextOffset: '1' }),
    )
    await transport.append(write(1)).done
    await transport.append(write(2)).done
    const [first, second] = script.requests
    expect(first).toMatchObject({
      method: 'POST',
      body: '[1]',
      headers: { 'content-type': 'application/json', 'producer-epoch': '0', 'producer-seq': '0' },
    })
    expect(second).toMatchObject({
      body: '[2]',
      headers: { 'producer-id': first?.headers['producer-id'], 'producer-seq': '1' },
    })
    expect(first?.headers['producer-id']).toMatch(/./)
  })
})

describe('answers', () => {
  test.each([200, 201, 202, 204])('[F-real-61] %i is a success', async (status) => {
    const { transport, script } = await openScripted(
      (_request, reply) => void reply.response.writeHead(status, { 'Stream-Next-Offset': '7' }).end(),
    )
    expect(await transport.append(write(1)).done).toEqual({ offset: '7' })
    expect(script.requests).toHaveLength(1)
  })

  test('[F-real-75] 200 with HTML is the answer of somebody else: tried again, and stored', async () => {
    const { transport, proxy, url, posts } = await openProxied()
    const retries: AppendRetry[] = []
    proxy.fault(
      { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Log in' },
      { match: /^POST/, times: 2 },
    )
    await transport.append(write(1, (retry) => retries.push(retry))).done
    expect([posts(), await logOf(url)]).toEqual([3, [1]])
    expect(retries.map(({ attempts }) => attempts)).toEqual([1, 2])
    expect(retries[0]).toMatchObject({
      error: { code: 'unreachable', message: expect.stringContaining('text/html') as unknown },
    })
  })

  test.each([
    ['application/json', '{"error":"text too long"}', 'text too long', { error: 'text too long' }],
    ['application/json', '{"message":"no such room"}', 'no such room', { message: 'no such room' }],
    ['application/json', '{"error":{"message":"nested"}}', 'nested', { error: { message: 'nested' } }],
    ['text/plain', 'validation: text too long', 'validation: text too long', 'validation: text too long'],
    ['text/plain', `${'long '.repeat(200)}`, `${'long '.repeat(60)}...`, 'long '.repeat(200)],
    ['text/html', '<!doctype html><h1>Oh no</h1>', '(a page of HTML)', '<!doctype html><h1>Oh no</h1>'],
  ])('[F-real-29] the server says why, as %s', async (type, body, words, parsed) => {
    const { transport, script } = await openScripted((_request, reply) =>
      reply.status(422, { headers: { 'content-type': type }, body }),
    )
    const error: unknown = await transport.append(write(1)).done.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'write-failed', status: 422, body: parsed, cause: { status: 422 } })
    expect((error as Error).message).toBe(
      `The server refused a write to ${script.url}/stream with 422: ${words}`,
    )
  })

  test('[F-real-29] of a huge body a part is read', async () => {
    const { transport } = await openScripted((_request, reply) =>
      reply.status(422, { body: 'x'.repeat(10_000_000) }),
    )
    const error = (await transport.append(write(1)).done.catch((reason: unknown) => reason)) as {
      body: string
    }
    expect(error.body.length).toBeLessThan(1_000_000)
  })
})

describe('[F-real-56] Retry-After', () => {
  test('on an append is honoured', async () => {
    const { transport, proxy, posts } = await openProxied()
    proxy.fault({ kind: 'answer', status: 503, headers: { 'retry-after': '120' } }, { match: /^POST/ })
    const retries: AppendRetry[] = []
    const { done } = transport.append(write(1, (retry) => retries.push(retry)))
    await eventually(() => expect(retries).toHaveLength(1))
    expect(retries[0]?.nextTry).toBeGreaterThan(Date.now() + 100_000)
    expect(posts()).toBe(1)
    transport.retryNow()
    await done
  })

  test.each([
    ['7', 7000],
    ['0.5', 500],
    ['0', undefined],
    ['-5', undefined],
    ['', undefined],
    ['soon', undefined],
    ['Infinity', undefined],
    ['0x10', undefined],
    ['999999999999', 600_000],
    ['Fri, 27 Nov 2026 03:00:30 GMT', 30_000],
    ['Fri, 27 Nov 2026 02:00:00 GMT', undefined],
    ['Fri, 27 Nov 2099 03:00:00 GMT', 600_000],
  ])('%j', (text, ms) => {
    const headers = new Headers({ 'retry-after': text, date: 'Fri, 27 Nov 2026 03:00:00 GMT' })
    expect(parseRetryAfter(headers)).toBe(ms)
  })

  test('defaults fit a failover of five seconds', () => {
    expect(defaultTimes).toMatchObject({ maxDelay: 5_000, idleTimeout: 20_000 })
  })
})

describe('the check before another attempt', () => {
  test.each([503, 502, 429, 401])(
    '[F-real-60] answered %i for a while: nothing is sent before it says something',
    async (status) => {
      let checks = 0
      let seen = (): void => undefined
      const checkStored = (): Promise<void> => {
        if (++checks < 4) return Promise.reject(Object.assign(new Error('no'), { status }))
        seen()
        return Promise.resolve()
      }
      const { transport, proxy, url, posts } = await openProxied({ checkStored, isOwnHandle: true })
      proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^POST/ })
      const handle = transport.append(write(1))
      seen = handle.seen
      await handle.done
      expect([checks, posts(), await logOf(url)]).toEqual([4, 1, [1]])
    },
  )

  test('[F-real-60] a server that cannot be read for good is trusted to know producers', async () => {
    const checkStored = (): Promise<void> => Promise.reject(Object.assign(new Error('no'), { status: 405 }))
    const { transport, proxy, url, posts } = await openProxied({ checkStored })
    proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^POST/ })
    await transport.append(write(1)).done
    expect([posts(), await logOf(url)]).toEqual([2, [1]])
  })
})

test('[F-write-4] refused after an attempt that may be stored, and nothing reads the log: unknown', async () => {
  const { transport, proxy } = await openProxied()
  proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^POST/ })
  proxy.fault({ kind: 'answer', status: 422 }, { match: /^POST/ })
  await expect(transport.append(write(1)).done).rejects.toMatchObject({ code: 'write-unknown', status: 422 })
})

describe('evidence for the reader', () => {
  test('[F-real-62] an acknowledged write that does not come back is evidence, again and again, until it is settled', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const verify = vi.fn()
    const { transport } = await openScripted((_request, reply) => reply.noContent({ nextOffset: '1' }), {
      source: { verify },
    })
    const handle = transport.append(write(1))
    await handle.done
    await vi.advanceTimersByTimeAsync(1_000)
    expect(verify.mock.calls).toEqual([['unconfirmed-write']])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(verify).toHaveBeenCalledTimes(2)
    handle.seen()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(verify).toHaveBeenCalledTimes(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    [
      'append-not-found',
      (proxy: FaultProxy) => proxy.fault({ kind: 'answer', status: 404 }, { match: /^POST/ }),
    ],
    ['append-failed', (proxy: FaultProxy) => proxy.fault({ kind: 'drop' }, { match: /^POST/ })],
    [
      'append-failed',
      (proxy: FaultProxy) => proxy.fault({ kind: 'answer', status: 503 }, { match: /^POST/ }),
    ],
  ])('[F-real-5] %s', async (reason, strike) => {
    const verify = vi.fn()
    const { transport, proxy } = await openProxied({ source: { verify }, onMissing: 'wait' })
    strike(proxy)
    await transport.append(write(1)).done
    expect(verify.mock.calls[0]).toEqual([reason])
  })
})

describe('many writes', () => {
  test('[F-real-77] closing with thousands unsent is one pass', async () => {
    const close = async (count: number): Promise<number> => {
      const { transport, ending } = await openScripted((_request, reply) => reply.hang())
      const handles = Array.from({ length: count }, (_, n) => transport.append(write(n)))
      for (const { done } of handles) done.catch(() => undefined)
      await new Promise(setImmediate)
      const began = performance.now()
      ending.abort(new Error('closed'))
      for (const { withdraw } of handles) withdraw()
      const took = performance.now() - began
      const ends = await Promise.allSettled(handles.map(({ done }) => done))
      expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
      return took
    }
    await close(1000)
    // Sixteen times as many: 256 times the time, were it quadratic.
    const ratio = (await close(64_000)) / Math.max(1, await close(4_000))
    expect(ratio).toBeLessThan(100)
  })
})
