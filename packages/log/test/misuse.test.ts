import { eventually, startScriptedServer } from '@streamdb/testkit'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHttpTransport, describeUrl, openStream, resolveUrl, StreamDBError } from '../src/index.ts'
import type { ConnectionEvent } from '../src/index.ts'
import { openScriptedSource, openSource } from './open-source.ts'

afterEach(() => vi.unstubAllGlobals())

/** Every text that a person may come to see of what happened. */
function textsOf(events: readonly ConnectionEvent[]): string {
  const seen: unknown[] = []
  const visit = (value: unknown): void => {
    if (!(value instanceof Error)) return
    seen.push(value.message, JSON.stringify(value))
    visit(value.cause)
  }
  for (const event of events) if ('error' in event) visit(event.error)
  return seen.join('\n')
}

describe('[F-real-7] misuse fails at once, with what to do', () => {
  test('no fetch', async () => {
    vi.stubGlobal('fetch', undefined)
    const { events } = openSource('http://127.0.0.1:1/stream')
    await eventually(() => expect(events.map(({ type }) => type)).toEqual(['start', 'fail']))
    expect(events.at(-1)).toMatchObject({
      error: { code: 'invalid-options', message: expect.stringContaining('streamOptions.fetch') as unknown },
    })
  })

  test.each([
    ['bad name', 'x'],
    ['x-good', 'line\nbreak'],
    ['x-good', 'snowman ☃ secret'],
  ])('a header that cannot be sent: %j: %j', async (name, value) => {
    const { events, script, stream, streamOptions } = await openScriptedSource(
      (_request, reply) => reply.hang(),
      {
        streamOptions: { headers: { [name]: value } },
      },
    )
    await eventually(() => expect(events.map(({ type }) => type)).toEqual(['start', 'fail']))
    expect(events.at(-1)).toMatchObject({
      error: { code: 'invalid-options', message: expect.stringContaining(`"${name}"`) as unknown },
    })
    expect(textsOf(events)).not.toContain('snowman')
    expect(script.requests).toHaveLength(0)
    const ending = new AbortController()
    onTestFinished(() => ending.abort(new Error('the test is over')))
    const transport = createHttpTransport({ stream, streamOptions, signal: ending.signal })
    await expect(transport.append({ txid: 'tx', body: '1' }).done).rejects.toMatchObject({
      code: 'invalid-options',
    })
  })

  test('credentials in the URL', () => {
    const error = thrownBy(() => openStream({ url: 'http://ada:secret@host.test/rooms/1?token=secret' }))
    expect(error).toMatchObject({ code: 'invalid-options' })
    expect(error.message).toMatch(/http:\/\/host\.test\/rooms\/1.*Authorization/)
    expect(error.message).not.toMatch(/secret|ada/)
  })
})

describe('[F-real-7] no secrets in what people see', () => {
  test('values of functions, of the query and of headers, whatever happens', async () => {
    const secrets = { params: { token: () => 'SECRET1' }, headers: { authorization: () => 'SECRET2' } }
    for (const answer of [400, 401, 404, 500, 'destroy', 'html'] as const) {
      const script = await startScriptedServer((_request, reply) => {
        if (answer === 'destroy') reply.destroy()
        else if (answer === 'html') reply.page({ body: '<html>', headers: { 'content-type': 'text/html' } })
        else reply.status(answer)
      })
      onTestFinished(() => script.close())
      const { events, source } = openSource(`${script.url}/stream?key=SECRET3`, { streamOptions: secrets })
      await eventually(() => expect(events.length).toBeGreaterThan(1))
      source.stop()
      expect(textsOf(events)).toContain('/stream?key=...')
      expect(textsOf(events)).not.toMatch(/SECRET/)
    }
  })

  test.each([
    ['http://ada:pw@h.test:8080/a/b?x=1&x=2&y=3#z', 'http://h.test:8080/a/b?x=...&y=...'],
    ['https://h.test', 'https://h.test/'],
    ['/rooms/1?token=2', '/rooms/1'],
    ['//ada:pw@h.test/x', '//h.test/x'],
  ])('%s is %s', (url, described) => expect(describeUrl(url)).toBe(described))
})

describe('[F-real-33] relative URLs', () => {
  test('are resolved against the page, or the worker', () => {
    vi.stubGlobal('location', { href: 'https://app.test/app/index.html', origin: 'https://app.test' })
    expect(resolveUrl('/rooms/1')).toBe('https://app.test/rooms/1')
    expect(resolveUrl('rooms/1?a=b')).toBe('https://app.test/app/rooms/1?a=b')
    expect(resolveUrl('https://other.test/x')).toBe('https://other.test/x')
    expect(openStream({ url: '/rooms/1' }).stream.url).toBe('https://app.test/rooms/1')
    vi.stubGlobal('document', { baseURI: 'https://cdn.test/base/' })
    expect(resolveUrl('rooms/1')).toBe('https://cdn.test/base/rooms/1')
  })

  test('elsewhere are an error that says so', () => {
    const error = thrownBy(() => openStream({ url: '/rooms/1' }))
    expect(error).toMatchObject({ code: 'invalid-options' })
    expect(error.message).toBe(
      'Expected the absolute URL of a stream but received "/rooms/1": there is no page here to resolve a relative URL against',
    )
  })
})

test('[F-real-9] headers that CORS hides: the message says which to expose', async () => {
  vi.stubGlobal('location', { href: 'http://page.test/', origin: 'http://page.test' })
  const { events } = await openScriptedSource((_request, reply) => reply.page({ items: ['a'] }))
  await eventually(() => expect(events.at(-1)?.type).toBe('fail'))
  const names = 'Stream-Next-Offset, Stream-Up-To-Date, Stream-Closed, Stream-Cursor'
  expect(textsOf(events)).toContain(`Access-Control-Expose-Headers: ${names}`)

  // Only some of them are exposed.
  const part = await openScriptedSource((request, reply) =>
    reply.page({ items: request.offset === '-1' ? ['a'] : [], nextOffset: '1' }),
  )
  await eventually(() => expect(part.events.at(-1)?.type).toBe('break'))
  expect(textsOf(part.events)).toContain(`Access-Control-Expose-Headers: ${names}`)
})

test('[F-real-69] a clock that goes back does not stop a header function from being asked', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  let asked = 0
  const token = (): Promise<string> =>
    asked++ === 0 ? new Promise(() => undefined) : Promise.resolve('good')
  const { items } = await openScriptedSource(
    (_request, reply) => reply.page({ items: ['a'], nextOffset: '1', closed: true }),
    { streamOptions: { headers: { authorization: token } }, times: { connectTimeout: 50 } },
  )
  vi.setSystemTime(Date.now() - 3_600_000)
  await eventually(() => expect(items).toEqual(['a']))
  expect(asked).toBe(2)
})

test('[F-real-24] loading the package, and opening a stream, uses no timer, no randomness and no network', async () => {
  const refuse = (what: string) => () => {
    throw new Error(`${what} in the global scope`)
  }
  vi.stubGlobal('setTimeout', refuse('setTimeout'))
  vi.stubGlobal('setInterval', refuse('setInterval'))
  vi.stubGlobal('fetch', refuse('fetch'))
  vi.stubGlobal('MessageChannel', refuse('MessageChannel'))
  vi.stubGlobal('crypto', { randomUUID: refuse('randomUUID'), getRandomValues: refuse('getRandomValues') })
  const random = vi.spyOn(Math, 'random').mockImplementation(refuse('Math.random'))
  onTestFinished(() => random.mockRestore())
  vi.resetModules()
  const log = await import('../src/index.ts')
  const opened = log.openStream({ url: 'http://stream.test/room' })
  const source = log.createHttpSource({ ...opened, live: true })
  const { signal } = new AbortController()
  log.createHttpTransport({ ...opened, source, signal })
  log.createRecordedLog().createSource()
  expect(log.defaultTimes).toBeDefined()
})

function thrownBy(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof StreamDBError) return error
  }
  throw new Error('nothing was thrown')
}
