import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toReply, type ScriptedReply } from './scripted-reply.ts'

/** A request as the scripted server received it. */
export interface ScriptedRequest {
  /** 0 for the first request that the server received, and so on. */
  readonly index: number
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The query's `offset`, or `undefined`. */
  readonly offset: string | undefined
  /** The query's `live`: how the reader wants to wait. */
  readonly live: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers one request, now or later, or never. */
export type ScriptedHandler = (request: ScriptedRequest, reply: ScriptedReply) => void | Promise<void>

/** A stream server that does what a test tells it. */
export interface ScriptedServer {
  readonly url: string
  /** Every request that came, in order. */
  readonly requests: readonly ScriptedRequest[]
  /** How many requests have no complete response yet and are still connected. */
  readonly open: number
  /** Answers from now on by another handler. */
  use(handler: ScriptedHandler): void
  /** Cuts every connection and stops; rejects with the first error that a handler threw. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a server that speaks just enough of the stream protocol to misbehave on purpose.
 *
 * A handler that throws cuts its connection, and the error comes out of `close()`.
 *
 * @example
 * const server = await startScriptedServer((request, reply) => {
 *   if (request.live === undefined) reply.page({ items: [event], nextOffset: '1', upToDate: true })
 *   else reply.sse().data([next]).destroy()
 * })
 */
export async function startScriptedServer(handler: ScriptedHandler): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = []
  const failures: unknown[] = []
  let current = handler
  let open = 0
  let closing: Promise<void> | undefined

  const server = createServer((message, response) => {
    open++
    response.once('close', () => void open--)
    const reply = toReply(response)
    answer(message, reply).catch((error: unknown) => {
      failures.push(error)
      reply.destroy()
    })
  })

  async function answer(message: IncomingMessage, reply: ScriptedReply): Promise<void> {
    const request = await toRequest(message, requests.length)
    requests.push(request)
    await current(request, reply)
  }

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
    if (failures.length > 0) throw failures[0]
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on a TCP port has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get open() {
      return open
    },
    use: (next) => void (current = next),
    close: () => (closing ??= close()),
  }
}

async function toRequest(message: IncomingMessage, index: number): Promise<ScriptedRequest> {
  const { pathname: path, searchParams: query } = new URL(message.url ?? '/', 'http://localhost')
  const { method = 'GET', headers } = message
  let body = ''
  if (method !== 'GET' && method !== 'HEAD') {
    for await (const chunk of message) body += String(chunk)
  }
  const offset = query.get('offset') ?? undefined
  const live = query.get('live') ?? undefined
  return { index, method, path, query, offset, live, headers, body }
}
