import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { refuseCaller } from '../src/dev/refuse-caller.ts'
import { startServer } from '../src/dev/start-server.ts'

test.each([
  ['127.0.0.1:4437', undefined],
  ['localhost:4437', 'http://localhost:5173'],
  ['LOCALHOST:4437', 'http://127.0.0.1:5173'],
  ['room-1.localhost:4437', 'https://localhost:3000'],
  ['[::1]:4437', 'http://[::1]:5173'],
  // A page that a telephone shows comes through a proxy, which keeps its Host.
  ['192.168.1.5:5173', 'http://192.168.1.5:5173'],
  ['127.0.0.1:4437', 'http://10.0.0.7:5173'],
  ['127.0.0.1:4437', 'https://app.example.com'],
  ['app.example.com', 'https://app.example.com'],
])('[HO1] dev accepts a request to %s from %s', (host, origin) => {
  expect(refuseCaller({ host, ...(origin !== undefined && { origin }) }, ['https://app.example.com'])).toBe(
    undefined,
  )
})

test.each([
  [undefined, undefined],
  ['', undefined],
  ['rebound.example:4437', undefined],
  ['rebound.example:4437', 'http://rebound.example:4437'],
  ['localhost.evil.example', undefined],
  ['localhost@evil.example', undefined],
  ['evil.example/localhost', undefined],
  ['127.0.0.1:4437', 'https://evil.example'],
  ['127.0.0.1:4437', 'http://203.0.113.5'],
  ['127.0.0.1:4437', 'http://10.evil.example'],
  ['127.0.0.1:4437', 'http://localhost.evil.example'],
  ['127.0.0.1:4437', 'null'],
  ['127.0.0.1:4437', ''],
  ['127.0.0.1:4437', 'http://evil.example#localhost'],
])('[HO1] dev refuses a request to %s from %s', (host, origin) => {
  expect(
    refuseCaller({ ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) }),
  ).toMatch(/^(The Host header|Pages of)/)
})

test('[HO1] [HO4] dev refuses other sites, and what is stored there is never a page', async () => {
  const server = await startServer({ port: 0, host: '127.0.0.1', inspector: async () => undefined })
  const send = async (method: string, headers: Record<string, string>, body?: string) => {
    const sent = request(`${server.url}/evil`, { method, headers })
    sent.end(body)
    // `response` has one argument.
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    return answer
  }
  const html = { 'content-type': 'text/html' }
  const foreign = { ...html, origin: 'https://evil.example' }
  expect((await send('PUT', foreign, '<script>alert(1)</script>')).statusCode).toBe(403)
  expect((await send('GET', { host: 'rebound.example' })).statusCode).toBe(403)
  expect((await send('PUT', html, '<script>alert(1)</script>')).statusCode).toBe(201)
  const { headers } = await send('GET', {})
  expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox")
  expect(headers['x-content-type-options']).toBe('nosniff')
  await server.stop()
})
