import { request as startRequest } from 'node:http'
import { Readable } from 'node:stream'

/** The server is reached by a pipe, so this names nothing. */
const host = 'streams'

/** The address of a stream for `streamFetch`: `/stream/jobs` -> `http://streams/stream/jobs`. */
export function streamUrl(/** @type {string} */ path) {
  return `http://${host}${path}`
}

/**
 * Returns a `fetch` that reaches the embedded stream server by its pipe, past the rules for pages: for processes of the
 * example itself.
 * @param {string} socketPath
 * @returns {typeof globalThis.fetch}
 */
export function streamFetch(socketPath) {
  return async (input, init) => {
    const request = new Request(input, init)
    const { method, signal } = request
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
    const { pathname, search } = new URL(request.url)
    /** @type {import('node:http').IncomingMessage} */
    const answer = await new Promise((resolve, reject) => {
      const sent = startRequest({
        ...{ socketPath, method, path: pathname + search, signal, agent: false },
        headers: { ...Object.fromEntries(request.headers), host },
      })
      sent.once('response', resolve).once('error', reject)
      sent.end(body)
    })
    const status = answer.statusCode ?? 0
    const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [/** @type {[string, string]} */ ([name, String(value)])],
    )
    const isEmpty = method === 'HEAD' || status === 204 || status === 304
    if (isEmpty) answer.resume()
    // Node's type of a web stream differs from the DOM's in name only.
    const content = isEmpty ? undefined : /** @type {ReadableStream} */ (Readable.toWeb(answer))
    return new Response(content, { status, headers })
  }
}
