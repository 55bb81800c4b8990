import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuseCaller } from '../server/caller.mjs'
import { readCommandLine } from '../server/command-line.mjs'
import { chooseEncoding, encodeBody } from '../server/content-encoding.mjs'
import { connectStreamServer } from '../server/remote-stream-server.mjs'
import { parseTarget } from '../server/request-target.mjs'
import { refuseRequest } from '../server/stream-rules.mjs'
import { StreamSizes } from '../server/stream-sizes.mjs'
import { UsageError } from '../server/usage-error.mjs'

describe('parseTarget', () => {
  test('[F-real-82] a target that is accepted means the same to every parser, and names no host', () => {
    const awkward = fc.constantFrom(
      '/',
      '//',
      '\\',
      '..',
      '.',
      '%2e',
      '%2f',
      '@',
      ':',
      '?',
      '#',
      'http:',
      'a',
      '[::1]',
    )
    const target = fc.oneof(
      fc.string(),
      fc.array(awkward).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(target, (text) => {
        const parsed = parseTarget(text)
        if (parsed === undefined) return
        const url = new URL(text, 'http://here.example')
        expect([url.host, url.pathname]).toEqual(['here.example', parsed.path])
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['/', '/index.html', '/assets/index-DRSihmMg.js', '/stream/rooms/lobby', '/stream/files/4f-_a'])(
    'accepts %s',
    (path) => {
      expect(parseTarget(`${path}?offset=-1&live=sse`)?.path).toBe(path)
      expect(parseTarget(path)?.query.size).toBe(0)
    },
  )
})

describe('refuseCaller', () => {
  const caller = (host?: string, origin?: string) =>
    refuseCaller({
      headersDistinct: {
        ...(host !== undefined && { host: [host] }),
        ...(origin !== undefined && { origin: [origin] }),
      },
    })?.status

  test.each([
    ['127.0.0.1:4690', undefined],
    ['localhost:4690', 'http://localhost:4690'],
    ['LOCALHOST:4690', 'http://127.0.0.1:4690'],
    ['lobby-1a2b3c4d.localhost:4690', 'http://127.0.0.1:4690'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
  ])('[F-real-85] accepts %s from %s', (host, origin) => {
    expect(caller(host, origin)).toBeUndefined()
  })

  test.each([
    [undefined, undefined],
    ['', undefined],
    ['evil.example', undefined],
    ['localhost.evil.example:4690', undefined],
    ['127.0.0.1:4690', 'http://evil.example:4690'],
    ['127.0.0.1:4690', 'http://localhost:3000'],
    ['127.0.0.1:4690', 'https://localhost:4690'],
    ['127.0.0.1:4690', 'null'],
    ['127.0.0.1:4690', ''],
    ['[::1]:4690', undefined],
  ])('[F-real-85] refuses %s from %s', (host, origin) => {
    expect(caller(host, origin)).toBe(403)
  })

  test('[F-real-85] refuses a header that comes twice', () => {
    const host = ['localhost:1']
    expect(refuseCaller({ headersDistinct: { host: ['localhost:1', 'evil.example'] } })?.status).toBe(403)
    expect(refuseCaller({ headersDistinct: { host, origin: ['http://localhost:1', 'null'] } })?.status).toBe(
      403,
    )
  })
})

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['GZIP ; Q=1', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['*', 'br'],
  ['identity', 'identity'],
  ['identity, gzip;q=0.1', 'identity'],
  ['br;q=0, gzip;q=0', 'identity'],
  ['br;q=x', 'identity'],
  ['', 'identity'],
  [undefined, 'identity'],
])('[F-pages-14] for "%s" the encoding is %s', (header, encoding) => {
  expect(chooseEncoding(header, encodeBody('x'.repeat(2_000)))).toBe(encoding)
  expect(chooseEncoding(header, encodeBody('short'))).toBe('identity')
})

describe('readCommandLine', () => {
  const known = { port: 'NUMBER', data: 'PATH', chat: 'URL' } as const
  const usage = 'Usage: npm start -- [--port NUMBER] [--data PATH] [--chat URL]'

  test('makes paths absolute, and leaves out what is not given', () => {
    expect(readCommandLine(known, ['--data', 'a', '--port=0'], '/here')).toMatchObject({
      data: '/here/a',
      port: '0',
    })
    expect(readCommandLine(known, [], '/here')).not.toHaveProperty('port')
  })

  test.each([
    ['--port', 'high'],
    ['--port', '65536'],
    ['--chat', 'javascript:alert(1)'],
    ['--chat', 'x'],
    ['--other', '1'],
    ['x'],
  ])('refuses %s %s with the usage', (...argv) => {
    expect(() => readCommandLine(known, argv, '/')).toThrow(UsageError)
    expect(() => readCommandLine(known, argv, '/')).toThrow(usage)
  })
})

test('[F-real-86] a rule names what it expects and what it received', () => {
  const rule = {
    ...{ folder: '/stream/files/', name: /^\w+$/, methods: ['GET', 'POST'], contentTypes: ['image/png'] },
    ...{ maxRequestBytes: 10, maxStreamBytes: 20, closable: true, isFile: true },
  }
  const ask = (method: string, headers: Readonly<Record<string, string>> = {}) =>
    refuseRequest(rule, { method, headers })
  const png = { 'content-type': 'Image/PNG; charset=x' }
  expect(ask('GET')).toBeUndefined()
  expect(ask('POST', { ...png, 'content-length': '10' })).toBeUndefined()
  expect(ask('POST', { 'content-length': '0', 'stream-closed': 'true' })).toBeUndefined()
  expect(ask('PUT')).toMatchObject({ status: 405, text: 'Expected GET, POST but received PUT.' })
  expect(ask('POST', { 'content-type': 'text/html', 'content-length': '1' })).toMatchObject({ status: 415 })
  expect(ask('POST', { ...png, 'transfer-encoding': 'chunked' })).toMatchObject({ status: 411 })
  expect(ask('POST', { ...png, 'content-length': '11' })).toMatchObject({
    ...{ status: 413, text: 'The request has 11 bytes; at most 10 are accepted.' },
  })
})

test('[F-real-86] no outcome of concurrent requests lets a stream pass its limit', async () => {
  const outcome = fc.constantFrom('stored', 'refused', 'unknown' as const)
  const requests = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 40 }), outcome, wasStored: fc.boolean() }),
    {
      maxLength: 30,
    },
  )
  await fc.assert(
    fc.asyncProperty(requests, fc.infiniteStream(fc.boolean()), async (all, order) => {
      let stored = 0
      const sizes = new StreamSizes({
        fetch: async () => ({
          ...{ status: 200, ok: true, headers: { 'stream-up-to-date': 'true' }, body: Buffer.alloc(stored) },
        }),
      })
      const pending: (() => void)[] = []
      for (const { bytes, outcome: end, wasStored } of all) {
        const settle = await sizes.reserve('/stream/files/a', bytes, 100)
        if (settle !== undefined) {
          pending.push(() => {
            if (end === 'stored' || (end === 'unknown' && wasStored)) stored += bytes
            settle(end)
          })
        }
        if (order.next().value === true) pending.shift()?.()
      }
      for (const finish of pending) finish()
      expect(stored).toBeLessThanOrEqual(100)
    }),
  )
})

test('[EN9] a stream server that is not there is named, with what to do', async () => {
  const connecting = connectStreamServer('http://127.0.0.1:9/v1')
  await expect(connecting).rejects.toThrow(UsageError)
  await expect(connecting).rejects.toThrow(/No stream server answers at http:\/\/127\.0\.0\.1:9\/v1\/ \(.+\)/)
})
