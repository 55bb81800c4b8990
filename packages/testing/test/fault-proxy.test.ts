import { request as httpRequest } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import {
  type CutBy,
  eventually,
  type FaultProxy,
  itemsOf,
  startFaultProxy,
  startStreamServer,
} from '../src/index.ts'

const items = [{ text: 'x'.repeat(200) }]
const body = JSON.stringify(items)

async function start(): Promise<{ proxy: FaultProxy; url: string; direct: string }> {
  const server = await startStreamServer()
  const direct = await server.createStream('/s', { items })
  const proxy = await startFaultProxy(server.url)
  onTestFinished(async () => {
    await proxy.close()
    await server.stop()
  })
  return { proxy, url: proxy.through(direct), direct }
}

/** Reads like a raw client does, so that the bytes that came before a break are seen. */
function read(url: string): Promise<{ text: string; code: string | undefined; ms: number }> {
  const started = performance.now()
  return new Promise((resolve) => {
    let text = ''
    const finish = (error?: NodeJS.ErrnoException): void =>
      resolve({ text, code: error?.code, ms: performance.now() - started })
    const request = httpRequest(url, { agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.once('error', finish)
      response.once('end', () => finish())
    })
    request.once('error', finish)
    request.end()
  })
}

test('without a fault it passes everything on, and lists the requests', async () => {
  const { proxy, url, direct } = await start()
  expect(await itemsOf(await fetch(url))).toEqual(items)
  const append = { method: 'POST', body: '[{"n":1}]', headers: { 'content-type': 'application/json' } }
  expect((await fetch(url, append)).status).toBe(204)
  expect(await itemsOf(await fetch(direct))).toEqual([...items, { n: 1 }])
  expect(proxy.requests.map(({ line }) => line)).toEqual(['GET /s HTTP/1.1', 'POST /s HTTP/1.1'])
})

test.each<[by: CutBy, after: 'nothing' | number]>([
  ['fin', 'nothing'],
  ['rst', 'nothing'],
  ['fin', 0],
  ['fin', 17],
  ['rst', 17],
])('cuts by %s after %s bytes of the body, once', async (by, after) => {
  const { proxy, url } = await start()
  proxy.fault({ kind: 'cut', by, after })
  const broken = await read(url)
  expect(broken.code).toBe('ECONNRESET')
  expect(body.startsWith(broken.text)).toBe(true)
  // The body travels in chunks, each behind its length.
  expect(broken.text.length).toBe(after === 'nothing' ? 0 : Math.max(after - 'd8\r\n'.length, 0))
  expect((await read(url)).text).toBe(body)
})

test('a dropped request does not reach the server, a cut one does', async () => {
  const { proxy, url, direct } = await start()
  const append = { method: 'POST', body: '[1]', headers: { 'content-type': 'application/json' } }
  proxy.fault({ kind: 'drop' })
  await expect(fetch(url, append)).rejects.toThrow()
  expect(await itemsOf(await fetch(direct))).toEqual(items)
  proxy.fault({ kind: 'cut', after: 'nothing' })
  await expect(fetch(url, append)).rejects.toThrow()
  expect(await itemsOf(await fetch(direct))).toEqual([...items, 1])
})

test('a blackhole keeps the request without an answer', async () => {
  const { proxy, url } = await start()
  proxy.fault({ kind: 'blackhole' })
  const impatient = new AbortController()
  const waiting = fetch(url, { signal: impatient.signal })
  await eventually(() => expect(proxy.requests).toHaveLength(1))
  impatient.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  await eventually(() => expect(proxy.connections).toBe(0))
})

test('delays, throttles, answers and replays', async () => {
  const { proxy, url, direct } = await start()
  proxy.fault({ kind: 'delay', ms: 60 })
  expect((await read(url)).ms).toBeGreaterThanOrEqual(55)
  proxy.fault({ kind: 'throttle', bytes: 50, everyMs: 20 })
  const slow = await read(url)
  expect(slow.text).toBe(body)
  expect(slow.ms).toBeGreaterThanOrEqual(75)
  proxy.fault({ kind: 'answer', status: 503, headers: { 'Retry-After': '2' }, body: '<html>' })
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([
    503,
    '2',
    '<html>',
  ])
  await fetch(direct, { method: 'POST', body: '[1]', headers: { 'content-type': 'application/json' } })
  proxy.fault({ kind: 'replay' })
  expect((await read(url)).text).toBe(body)
  expect(JSON.parse((await read(url)).text)).toEqual([...items, 1])
})

test('a rule says which requests, and how many', async () => {
  const { proxy, url } = await start()
  const undo = proxy.fault({ kind: 'answer', status: 500 }, { times: Infinity, match: /offset=now/ })
  proxy.fault({ kind: 'answer', status: 429 }, { times: 2, match: ({ method }) => method === 'GET' })
  const status = async (target: string): Promise<number> => (await fetch(target)).status
  expect(await status(`${url}?offset=now`)).toBe(500)
  expect([await status(url), await status(url), await status(url)]).toEqual([429, 429, 200])
  expect(await status(`${url}?offset=now`)).toBe(500)
  undo()
  expect(await status(`${url}?offset=now`)).toBe(200)
})

test('cuts and freezes open connections', async () => {
  const { proxy, url } = await start()
  const live = `${url}?offset=-1&live=sse`
  const first = read(live)
  await eventually(() => expect(proxy.connections).toBe(1))
  await eventually(() => {
    expect(proxy.cut('fin')).toBe(1)
  })
  expect((await first).code).toBe('ECONNRESET')

  const silent = new AbortController()
  const response = await fetch(live, { signal: silent.signal })
  proxy.freeze()
  await fetch(url, { method: 'POST', body: '["unseen"]', headers: { 'content-type': 'application/json' } })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  setTimeout(() => silent.abort(), 50)
  let text = ''
  await expect(
    (async () => {
      for (;;) text += (await reader?.read())?.value ?? ''
    })(),
  ).rejects.toMatchObject({ name: 'AbortError' })
  expect(text).not.toContain('unseen')
})

test('refuses until healed, and heals on the same port', async () => {
  const { proxy, url } = await start()
  proxy.fault({ kind: 'blackhole' }, { times: Infinity })
  await proxy.refuse()
  expect((await read(url)).code).toBe('ECONNREFUSED')
  await proxy.heal()
  expect((await read(url)).text).toBe(body)
})

test('a server that is down behind it is a broken connection', async () => {
  const server = await startStreamServer()
  const proxy = await startFaultProxy(server.url)
  onTestFinished(() => proxy.close())
  await server.stop()
  expect((await read(`${proxy.url}/s`)).code).toBe('ECONNRESET')
})
