import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** @typedef {(request: globalThis.Request) => Promise<globalThis.Response>} FetchHandler */

/**
 * Asks a handler that speaks the language of `fetch`, and passes its answer on as it comes: the head of a live read at once.
 * Rejects where the handler does; ends its request when the client has left.
 * @param {FetchHandler} handler
 * @param {import('node:http').ServerResponse} response
 * @param {object} asked
 * @param {string} asked.method
 * @param {string} asked.url
 * @param {Readonly<Record<string, string>>} asked.headers
 * @param {Buffer} asked.body
 * @param {(answer: globalThis.Response) => import('node:http').OutgoingHttpHeaders} headersOf What of the answer is passed on.
 */
export async function answerByFetch(handler, response, { method, url, headers, body }, headersOf) {
  const left = new AbortController()
  response.once('close', () => left.abort())
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const request = new Request(url, {
    ...{ method, headers, signal: left.signal },
    ...(hasBody && { body: new Uint8Array(body) }),
  })
  const answer = await handler(request)
  response.writeHead(answer.status, headersOf(answer))
  response.flushHeaders()
  if (answer.body === null || method === 'HEAD') {
    void answer.body?.cancel().catch(() => undefined)
    response.end()
    return answer
  }
  // Node's type of a web stream differs from the DOM's in name only. A client that leaves ends it.
  const content = /** @type {import('node:stream/web').ReadableStream} */ (
    /** @type {unknown} */ (answer.body)
  )
  await pipeline(Readable.fromWeb(content), response).catch(() => undefined)
  return answer
}
