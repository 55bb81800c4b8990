import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { Location } from '../options.ts'

/** Where the streams of the other server are found on this one. */
const prefix = '/_stream'

/** Leads a page to a server that it cannot read by itself: for its credentials, or for want of CORS headers. */
export interface StreamProxy {
  /** Returns where the stream is, on a server of this origin. */
  urlOn(origin: string): string
  /** Answers a request; says whether it was one of its own. */
  answer(message: IncomingMessage, response: ServerResponse): Promise<boolean>
}

/** Not passed on: they are about one connection, or what fetch has undone. */
const own = new Set([
  ...['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host', 'origin', 'referer', 'cookie'],
  ...['content-length', 'content-encoding', 'accept-encoding'],
])

/** Returns a proxy for the streams of one server, which sends the headers of `location`. */
export function createStreamProxy({ url, headers }: Location): StreamProxy {
  const target = new URL(url)
  return {
    urlOn: (origin) => `${origin}${prefix}${target.pathname}${target.search}`,
    async answer(message, response) {
      const { method = 'GET', url: path = '/' } = message
      if (!path.startsWith(`${prefix}/`)) return false
      if (!isOwnPage(message)) {
        response
          .writeHead(403, { 'content-type': 'text/plain' })
          .end('Only the inspector may use this proxy.\n')
        return true
      }
      const aborted = new AbortController()
      response.once('close', () => aborted.abort())
      const hasBody = method !== 'GET' && method !== 'HEAD'
      try {
        const answer = await fetch(`${target.origin}${path.slice(prefix.length)}`, {
          method,
          headers: { ...passedOn(Object.entries(message.headers)), ...headers },
          // The same class by another name: that of Node's types and that of the DOM's.
          ...(hasBody && { body: Readable.toWeb(message) as unknown as BodyInit, duplex: 'half' }),
          redirect: 'manual',
          signal: aborted.signal,
        })
        response.writeHead(answer.status, passedOn([...answer.headers]))
        // An event stream says nothing for a while: its head goes out at once.
        response.flushHeaders()
        if (answer.body === null) response.end()
        else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response)
      } catch (error) {
        if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' })
        response.end(response.writableEnded ? undefined : String(error))
      }
      return true
    },
  }
}

function passedOn(
  headers: readonly (readonly [string, string | string[] | undefined])[],
): Record<string, string> {
  return Object.fromEntries(
    headers.flatMap(([name, value]) =>
      own.has(name) || value === undefined ? [] : [[name, String(value)] as const],
    ),
  )
}

/** No other page may use the credentials, nor one whose name a DNS server leads here. */
function isOwnPage({ headers: { host = '', origin } }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost):\d+$/.test(host) && (origin === undefined || origin === `http://${host}`)
}
