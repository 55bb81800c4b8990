import { connect, constants } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { Readable } from 'node:stream'

/** A `fetch` over one connection of HTTP/2, as Node's own has none. Trusts every certificate. */
export function createHttp2Fetch(origin: string): { readonly fetch: typeof fetch; close(): void } {
  const session: ClientHttp2Session = connect(origin, { rejectUnauthorized: false })
  const send: typeof fetch = (input, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(String(input))
      const request = session.request({
        ...Object.fromEntries(new Headers(headers)),
        [constants.HTTP2_HEADER_METHOD]: method,
        [constants.HTTP2_HEADER_PATH]: `${url.pathname}${url.search}`,
      })
      signal?.addEventListener('abort', () => request.close(constants.NGHTTP2_CANCEL))
      request.once('error', reject)
      request.once('close', () => reject(new TypeError('the stream was closed')))
      request.once('response', (answered) => {
        const status = Number(answered[':status'])
        const names = Object.keys(answered).filter((name) => !name.startsWith(':'))
        const given = names.map((name) => [name, String(answered[name])] as [string, string])
        const hasBody = ![204, 304].includes(status) && method !== 'HEAD'
        // The same thing: Node's types know two.
        const stream = Readable.toWeb(request) as unknown as ReadableStream<Uint8Array>
        resolve(new Response(hasBody ? stream : null, { status, headers: given }))
      })
      request.end(typeof body === 'string' ? body : undefined)
    })
  return { fetch: send, close: () => session.destroy() }
}
