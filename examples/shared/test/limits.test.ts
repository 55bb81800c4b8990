import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { refuseCaller } from '../server/caller.mjs'
import { connectionLimits, limitConnections } from '../server/connection-limits.mjs'
import { createGateway } from '../server/stream-gateway.mjs'

/** Starts a server on loopback, and returns its port. */
async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  // A server that listens on a port has an address that is an object.
  return (server.address() as AddressInfo).port
}

/** Sends `head`, then a byte now and then; returns the status line with which the server ends the connection. */
async function trickle(port: number, head: string, every?: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(head)
  const timer = every === undefined ? undefined : setInterval(() => socket.write('a'), every)
  await closed
  clearInterval(timer)
  return answer.split('\r\n', 1)[0] ?? ''
}

test('[HO2] a client that says nothing, or says it slowly, is ended, and there are only so many', async () => {
  const limits = {
    ...connectionLimits,
    ...{ headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 20, maxConnections: 4 },
  }
  const server = createServer(limits, (request, response) => {
    request.on('error', () => undefined).resume()
    request.on('end', () => response.end('whole'))
  })
  limitConnections(server, limits)
  const port = await listen(server)
  const slow = await Promise.all([
    trickle(port, ''),
    trickle(port, 'GET / HTTP/1.1\r\nX: ', 30),
    trickle(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n', 30),
    trickle(port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na'),
  ])
  expect(slow).toEqual(Array(4).fill('HTTP/1.1 408 Request Timeout'))
  const many = await Promise.all(Array.from({ length: 7 }, async () => trickle(port, '')))
  expect(many.filter((line) => line === '')).toHaveLength(3)
})

test('[HO1] an answer that another site would embed is refused, and a link to a page is not', () => {
  const host = ['localhost:4690']
  const caller = (site: string, mode: string) =>
    refuseCaller({ headersDistinct: { host, 'sec-fetch-site': [site], 'sec-fetch-mode': [mode] } })?.status
  expect(caller('same-origin', 'no-cors')).toBeUndefined()
  expect(caller('none', 'navigate')).toBeUndefined()
  expect(caller('cross-site', 'navigate')).toBeUndefined()
  expect(caller('cross-site', 'no-cors')).toBe(403)
  expect(caller('same-site', 'no-cors')).toBe(403)
  expect(caller('cross-site', 'cors')).toBe(403)
})

test('[HO3] all bodies under way, and the streams that pages create, are limited', async () => {
  const mebibyte = 1024 * 1024
  const rule = {
    ...{ folder: '/stream/files/', name: /^\w+$/, methods: ['GET', 'POST', 'PUT'], isFile: true },
    ...{ contentTypes: ['image/png'], maxRequestBytes: 30 * mebibyte, maxStreamBytes: 4_000 * mebibyte },
    ...{ closable: true, maxCreated: 2 },
  }
  const created = new Set<string>()
  const answer = createGateway(
    {
      ...{ socketPath: '', stop: async () => undefined },
      fetch: async () => ({ status: 404, ok: false, headers: {}, body: Buffer.alloc(0) }),
      // What the gateway uses of a request and of its answer.
      request: (({ path }: { path: string }) => {
        const upstream = new PassThrough()
        upstream.resume()
        const statusCode = created.has(path) ? 200 : 201
        created.add(path)
        queueMicrotask(() => {
          const body = new PassThrough()
          upstream.emit('response', Object.assign(body, { statusCode, headers: {} }))
          body.end()
        })
        return upstream
      }) as never,
    },
    [rule],
  )
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    void answer(request, response, { path, query: new URLSearchParams() })
  })
  const port = await listen(server)
  const url = `http://127.0.0.1:${port}/stream/files/`
  const headers = { 'content-type': 'image/png' }
  const put = async (name: string) => (await fetch(url + name, { method: 'PUT', headers })).status
  expect([await put('a'), await put('a'), await put('b'), await put('c')]).toEqual([201, 200, 201, 507])

  // Two heads that promise 30 MiB each, and no body; what is kept for them leaves 4 MiB.
  const heads = ['a', 'b'].map((name) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`POST /stream/files/${name} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n`)
    socket.write(`Content-Length: ${30 * mebibyte}\r\n\r\n`)
    return socket
  })
  await expect.poll(() => asked.filter((each) => each.startsWith('POST'))).toHaveLength(2)
  const post = async (bytes: number) => {
    const answered = await fetch(`${url}c`, { method: 'POST', headers, body: new Uint8Array(bytes) })
    return [answered.status, answered.headers.get('retry-after')]
  }
  expect(await post(5 * mebibyte)).toEqual([503, '1'])
  expect((await post(mebibyte))[0]).toBeLessThan(300)
  for (const socket of heads) socket.destroy()
  await expect.poll(async () => (await post(5 * mebibyte))[0]).toBeLessThan(300)
})
