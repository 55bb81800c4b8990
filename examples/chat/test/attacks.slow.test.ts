import { expectToWithstand, hostOf, rawRequest, signIn } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { ChatServer } from './chat-server.ts'

vi.setConfig({ testTimeout: 60_000 })

const mebibyte = 1024 * 1024

/** Sends a request as Ada's page would. */
async function send(
  url: string,
  path: string,
  options: RequestInit & { readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(url + path, { ...options, headers: { ...(await signIn(url)), ...options.headers } })
}

test('[F-real-82] [F-real-83] hostile request targets, hosts and methods are refused, and the server still answers', async () => {
  const { url } = await ChatServer.start()
  await expectToWithstand(url)
})

test('[F-real-82] a path that leaves the folder of files is refused, in the form in which browsers send it', async () => {
  const { url } = await ChatServer.start()
  // `fetch` resolves the dots: what the browser of a reader would send for the attachment id of the attack.
  for (const id of [
    '../../..//host.example/x',
    '..%2f..%2f/host.example',
    '%2e%2e/%2e%2e//host.example',
    '.',
    '..',
    '',
  ]) {
    const response = await send(url, `/stream/files/${id}`)
    expect([400, 404], id).toContain(response.status)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  }
})

test('[F-real-82] a stored file is never a page: it has a safe type, is an attachment, and may run no script', async () => {
  const { url } = await ChatServer.start()
  for (const type of [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'image/png, text/html',
    'image/png\ttext',
  ]) {
    const created = await send(url, '/stream/files/evil', {
      method: 'PUT',
      headers: { 'content-type': type },
    })
    expect(created.status, type).toBe(415)
  }
  const html = '<script>alert(document.domain)</script>'
  const headers = { 'content-type': 'image/png; x="text/html"' }
  expect((await send(url, '/stream/files/evil', { method: 'PUT', headers, body: html })).status).toBe(201)
  for (const query of ['', '?offset=-1', '?offset=-1&live=sse&content-type=text/html']) {
    const abort = new AbortController()
    const file = await fetch(`${url}/stream/files/evil${query}`, { signal: abort.signal })
    expect(['application/octet-stream', 'text/event-stream']).toContain(file.headers.get('content-type'))
    expect(file.headers.get('content-disposition')).toBe('attachment')
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    expect(file.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
    abort.abort()
  }
})

test('[F-real-82] the page has a strict policy', async () => {
  const { url } = await ChatServer.start()
  const policy = (await fetch(url)).headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe|\*;|https?:;/)
})

test('[HO6] nobody resets a room, writes in another’s name or without being signed in', async () => {
  const { url } = await ChatServer.start()
  const room = '/stream/rooms/lobby'
  const value = { id: 'm', authorId: 'grace', text: 'Forged', sentAt: 1 }
  const forged = { type: 'message', key: 'm', value, headers: { operation: 'insert' } }
  const reset = { headers: { control: 'reset' } }
  const write = async (event: object, headers: Readonly<Record<string, string>> = {}) => {
    const json = { 'content-type': 'application/json', ...headers }
    const response = await send(url, room, { method: 'POST', headers: json, body: JSON.stringify(event) })
    return `${response.status} ${await response.text()}`
  }
  expect(await write(reset)).toMatch(/^403 .*"control-event"/)
  expect(await write(forged)).toMatch(/^403 .*"another-name"/)
  for (const authorization of ['', 'Bearer ', 'Bearer grace', 'Basic Z3JhY2U6']) {
    expect(await write(forged, { authorization }), authorization).toMatch(/^401 /)
  }
  expect(await write(forged, await signIn(url, 'grace'))).toMatch(/^204 /)
  const files = { method: 'PUT', headers: { 'content-type': 'image/png' } }
  expect((await fetch(`${url}/stream/files/m`, files)).status).toBe(401)
})

describe('[F-real-85]', () => {
  test('[F-real-85] a rebound name, a foreign origin and a foreign port are refused for every method', async () => {
    const { url } = await ChatServer.start()
    const { port } = new URL(url)
    const body = JSON.stringify({
      type: 'user',
      key: 'x',
      value: { id: 'x', name: 'x' },
      headers: { operation: 'insert' },
    })
    const json = ['Content-Type: application/json', `Content-Length: ${body.length}`]
    const callers = [
      [`rebound.example:${port}`, `http://rebound.example:${port}`],
      [`rebound.example:${port}`, undefined],
      [hostOf(url), 'http://evil.example'],
      [hostOf(url), `http://evil.example:${port}`],
      [hostOf(url), 'http://127.0.0.1:1'],
      [hostOf(url), 'http://localhost'],
      [hostOf(url), 'null'],
      [hostOf(url), `https://127.0.0.1:${port}`],
      [hostOf(url), `http://127.0.0.1:${port}/`],
      [hostOf(url), `http://127.0.0.1:${port}@evil.example`],
      [hostOf(url), `http://evil.example#127.0.0.1:${port}`],
      [hostOf(url), ''],
    ] as const
    for (const [host, origin] of callers) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
        const lines = [`${method} /stream/rooms/lobby HTTP/1.1`, `Host: ${host}`, ...json]
        const { status, headers } = await rawRequest(
          url,
          origin === undefined ? lines : [...lines, `Origin: ${origin}`],
          body,
        )
        expect(status, `${method} from ${origin} at ${host}`).toBe(403)
        expect(headers.get('access-control-allow-origin')).toBeUndefined()
      }
    }
    expect(await (await send(url, '/stream/rooms/lobby?offset=-1')).text()).not.toContain('"key":"x"')
  })

  test('[F-real-85] no header of a page closes, expires or forks a room', async () => {
    const { url } = await ChatServer.start()
    const evil = {
      ...{ 'content-type': 'application/json', 'stream-closed': 'true', 'stream-ttl': '1' },
      ...{ 'stream-expires-at': '2020-01-01T00:00:00Z', 'stream-forked-from': '/stream/rooms/kitchen' },
    }
    const event = {
      ...{ type: 'typing', key: 'ada', headers: { operation: 'upsert' } },
      value: { userId: 'ada', until: 1 },
    }
    await send(url, '/stream/rooms/lobby', { method: 'POST', headers: evil })
    await send(url, '/stream/rooms/lobby', { method: 'POST', headers: evil, body: '' })
    const said = await send(url, '/stream/rooms/lobby', {
      method: 'POST',
      headers: evil,
      body: JSON.stringify(event),
    })
    expect(said.status).toBe(204)
    const head = await send(url, '/stream/rooms/lobby', { method: 'HEAD' })
    expect([...head.headers.keys()].filter((name) => /closed|ttl|expires|fork/.test(name))).toEqual([])
    const again = await send(url, '/stream/rooms/lobby', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
    })
    expect(again.status).toBe(204)
  })

  test('[F-real-85] a preflight names what is accepted, and only for our own pages', async () => {
    const { url } = await ChatServer.start()
    const origin = `http://lobby-1.localhost:${new URL(url).port}`
    const { status, headers } = await send(url, '/stream/rooms/lobby', {
      method: 'OPTIONS',
      headers: { origin },
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST')
    expect(headers.get('access-control-allow-headers')).not.toMatch(/closed|ttl|fork|cookie/)
  })

  test.runIf(process.platform === 'linux')(
    '[F-real-85] no port leads to the inner stream server',
    async () => {
      const server = await ChatServer.start()
      await eventually(() => expect(portsOf(server.pid)).toEqual([Number(new URL(server.url).port)]))
    },
  )
})

describe('[F-real-86]', () => {
  test('[F-real-86] a file has a total limit, which chat.json names', async () => {
    const { url } = await ChatServer.start()
    const { files } = (await (await fetch(`${url}/chat.json`)).json()) as { files: { maxBytes: number } }
    expect(files.maxBytes).toBe(8 * mebibyte)
    const headers = { 'content-type': 'image/png' }
    const piece = Buffer.alloc(mebibyte)
    expect((await send(url, '/stream/files/big', { method: 'PUT', headers })).status).toBe(201)
    const statuses: number[] = []
    for (let count = 0; count < 10; count += 1) {
      statuses.push((await send(url, '/stream/files/big', { method: 'POST', headers, body: piece })).status)
    }
    expect(statuses).toEqual([...Array<number>(8).fill(204), 413, 413])
    expect((await (await fetch(`${url}/stream/files/big?offset=-1`)).arrayBuffer()).byteLength).toBe(
      files.maxBytes,
    )

    // At once, and begun by the PUT: no more than the limit either.
    await send(url, '/stream/files/more', { method: 'PUT', headers, body: piece })
    const together = await Promise.all(
      Array.from({ length: 12 }, async () =>
        send(url, '/stream/files/more', { method: 'POST', headers, body: piece }),
      ),
    )
    expect(together.filter(({ status }) => status === 204)).toHaveLength(7)
  })

  test('[F-real-86] the limit counts what an earlier run stored, and a repeated piece once', async () => {
    const first = await ChatServer.start()
    const producer = { 'producer-id': 'p', 'producer-epoch': '0' }
    const headers = { 'content-type': 'image/png', ...producer }
    const body = Buffer.alloc(mebibyte)
    const append = async (url: string, seq: number) =>
      (
        await send(url, '/stream/files/a', {
          method: 'POST',
          headers: { ...headers, 'producer-seq': String(seq) },
          body,
        })
      ).status
    await send(first.url, '/stream/files/a', { method: 'PUT', headers })
    for (const seq of [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
      expect([200, 204]).toContain(await append(first.url, seq))
    await first.stop()

    const second = await ChatServer.start({ data: first.data })
    const statuses = []
    for (let seq = 3; seq < 10; seq += 1) statuses.push(await append(second.url, seq))
    expect(statuses).toEqual([200, 200, 200, 200, 200, 413, 413])
  })

  test('[F-real-86] bodies without a length, longer than their length, and of a GET cannot pass the limit', async () => {
    const { url } = await ChatServer.start()
    const host = `Host: ${hostOf(url)}\r\nAuthorization: ${(await signIn(url)).authorization}`
    const png = 'Content-Type: image/png'
    await send(url, '/stream/files/a', { method: 'PUT', headers: { 'content-type': 'image/png' } })
    const chunk = `100000\r\n${'x'.repeat(mebibyte)}\r\n`
    const chunked = await rawRequest(
      url,
      ['POST /stream/files/a HTTP/1.1', host, png, 'Transfer-Encoding: chunked'],
      `${chunk}${chunk}0\r\n\r\n`,
    )
    expect(chunked.status).toBe(411)
    const over = await rawRequest(
      url,
      ['POST /stream/files/a HTTP/1.1', host, png, `Content-Length: ${mebibyte + 1}`],
      'x'.repeat(mebibyte + 1),
    )
    expect(over.status).toBe(413)
    const longer = await rawRequest(
      url,
      ['POST /stream/files/a HTTP/1.1', host, png, 'Content-Length: 3'],
      'abcdefgh',
    )
    // What follows the body is an invalid request.
    expect([204, 400]).toContain(longer.status)
    const read = await rawRequest(
      url,
      ['GET /stream/files/a?offset=-1 HTTP/1.1', host, 'Content-Length: 9999999'],
      'x'.repeat(100),
    )
    expect([200, 400]).toContain(read.status)
    expect(await (await fetch(`${url}/stream/files/a?offset=-1`)).text()).toMatch(/^(abc)?$/)
  })

  test('[F-real-86] a sender that disconnects frees what it had reserved', async () => {
    const { url } = await ChatServer.start()
    const headers = { 'content-type': 'image/png', ...(await signIn(url)) }
    await send(url, '/stream/files/a', { method: 'PUT', headers })
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const abort = new AbortController()
        const body = new ReadableStream({
          start: (controller) => {
            controller.enqueue(new Uint8Array(10))
            setTimeout(() => abort.abort(), 50)
          },
        })
        const options = { ...{ method: 'POST', body, duplex: 'half', signal: abort.signal }, headers }
        await fetch(`${url}/stream/files/a`, {
          ...options,
          headers: { ...headers, 'content-length': String(mebibyte) },
        }).catch(() => undefined)
      }),
    )
    const body = Buffer.alloc(mebibyte)
    await eventually(async () =>
      expect((await send(url, '/stream/files/a', { method: 'POST', headers, body })).status).toBe(204),
    )
  })
})

/** The TCP ports on which a process listens. */
function portsOf(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const link = execFileSync('readlink', [`/proc/${pid}/fd/${fd}`], { encoding: 'utf8' })
        return /^socket:\[(\d+)\]/.exec(link)?.slice(1) ?? []
      } catch {
        return []
      }
    }),
  )
  const listening = '0A'
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === listening && sockets.has(inode ?? ''))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  )
}
