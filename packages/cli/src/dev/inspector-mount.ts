import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReadableStream } from 'node:stream/web'

/** Where the inspector lies on a server of streams. */
export const inspectorPath = '/_inspector/'

/** Answers the requests of the inspector's page; `undefined`: not one of them. */
export type Inspector = (request: Request) => Promise<Response | undefined>

/** Returns the inspector. The one place that knows where its page comes from. */
export async function loadInspector(): Promise<Inspector> {
  // Loaded here: the other commands start without it.
  const { inspectorPage } = await import('@streamdb/devtools/page')
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    if (`${pathname}/` === inspectorPath) {
      return new Response(null, { status: 308, headers: { location: `${inspectorPath}${search}` } })
    }
    // Any other path is a stream's.
    return pathname.startsWith(inspectorPath) ? inspectorPage(request) : undefined
  }
}

/** Answers a request of Node by the inspector; says whether it did. */
export async function answerByInspector(
  inspector: Inspector,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { method = 'GET', url = '/', headers } = message
  if (method !== 'GET' && method !== 'HEAD') return false
  const request = new Request(new URL(url, `http://${headers.host ?? 'localhost'}`), { method })
  const answer = await inspector(request)
  if (answer === undefined) return false
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body === null || method === 'HEAD') response.end()
  // The same class by another name: that of Node's types and that of the DOM's.
  else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => undefined)
  return true
}
