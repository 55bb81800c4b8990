import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { itemsOf, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { createStreamHandler } from '../src/index.ts'
import { toNodeListener } from '../src/node/index.ts'
import { authorize, people, say, state } from './policy.ts'

/** A gateway that is attacked, and the stream server behind it. */
export interface UnderAttack {
  readonly port: number
  /** What the gateway told its application: faults that are no client's. */
  readonly reports: string[]
  /** What the gateway sent to the stream server and should not have. */
  readonly leaks: string[]
  create(stream: string): Promise<void>
  read(stream: string): Promise<unknown[]>
  remove(stream: string): Promise<void>
  stop(): Promise<void>
}

/** The key that opens the stream server: only the gateway has it. */
const secret = 'Bearer of-the-gateway'
/** What reaches the stream server of a request, and nothing else. */
const allowedHeaders = new Set([
  ...['accept', 'accept-encoding', 'authorization', 'content-type', 'if-none-match'],
  ...['producer-id', 'producer-epoch', 'producer-seq', 'stream-seq', 'stream-closed'],
])
const allowedParameters = new Set(['offset', 'live', 'cursor'])

/** Starts a gateway with small limits, over `node:http`. */
export async function startUnderAttack(): Promise<UnderAttack> {
  const streams: StreamServer = await startStreamServer()
  const reports: string[] = []
  const leaks: string[] = []
  const base = `${streams.url}/rooms/`

  const guarded: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const name = url.href.slice(base.length).split('?', 1)[0] ?? ''
    const isStream =
      url.href.startsWith(base) && !name.split('/').some((part) => /^(\.|%2e){0,2}$/i.test(part))
    if (!isStream) leaks.push(`another address: ${url.href}`)
    for (const parameter of url.searchParams.keys()) {
      if (!allowedParameters.has(parameter)) leaks.push(`the parameter ${parameter}`)
    }
    for (const [header, value] of request.headers) {
      if (!allowedHeaders.has(header)) leaks.push(`the header ${header}: ${value}`)
      // oxlint-disable-next-line no-control-regex -- what would end a header
      if (/[\u0000-\u001f]/.test(value)) leaks.push(`a control character in ${header}`)
    }
    if (request.headers.get('authorization') !== secret) leaks.push('credentials of a client')
    const producer = request.headers.get('producer-id')
    if (producer !== null && !people.some((id) => producer.startsWith(`${id}/`)))
      leaks.push(`the producer ${producer}`)
    return fetch(request)
  }

  const handler = createStreamHandler({
    state,
    path: '/streams/',
    upstream: { url: base, fetch: guarded, headers: { authorization: secret } },
    authenticate: ({ headers }) => {
      const id = /^Bearer (\w+)$/.exec(headers.get('authorization') ?? '')?.[1]
      return people.some((each) => each === id) && id !== undefined ? { id } : undefined
    },
    authorize,
    actions: [say],
    limits: {
      ...{ bodyBytes: 64 * 1024, events: 50, depth: 16, bodyTimeout: 400, timeout: 5_000 },
      ...{ eventsPerMinute: 1e9, requestsPerMinute: 1e9, pendingBytes: 4 * 1024 * 1024 },
    },
    memory: { streams: 20, bytes: 8 * 1024 * 1024, idle: 60_000 },
    onError: (error) => void reports.push(String(error)),
  })
  const server = createServer(toNodeListener(handler))
  Object.assign(server, { headersTimeout: 2_000, requestTimeout: 3_000, keepAliveTimeout: 500 })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    // A server that listens on a port has an address that is an object.
    port: (server.address() as AddressInfo).port,
    ...{ reports, leaks },
    async create(stream) {
      await fetch(base + stream, { method: 'PUT', headers: { 'content-type': 'application/json' } })
    },
    async read(stream) {
      const items: unknown[] = []
      for (let offset = '-1'; ;) {
        const response = await fetch(`${base}${stream}?offset=${offset}`)
        items.push(...(await itemsOf(response)))
        const next = response.headers.get('stream-next-offset') ?? offset
        if (response.headers.has('stream-up-to-date') || next === offset) return items
        offset = next
      }
    },
    async remove(stream) {
      await fetch(base + stream, { method: 'DELETE' })
    },
    async stop() {
      handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await streams.stop()
    },
  }
}
