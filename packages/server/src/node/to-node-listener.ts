import type { IncomingMessage, ServerResponse } from 'node:http'
import { drain } from './drain.ts'
import { toRequest } from './to-request.ts'

/** A function of `Request` and `Response`, such as `createStreamHandler` returns. */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/** A listener for `http.createServer`. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Returns a listener for `http.createServer` that answers by a fetch handler: bodies flow both ways as they come, a reader that
 * is slow holds its answer back, and `request.signal` aborts when the client goes.
 *
 * A handler that rejects is answered 500, without a word about why.
 *
 * @example
 * ```ts
 * const listener = toNodeListener((request) => Promise.resolve(new Response(`You asked for ${request.url}`)))
 * // createServer(listener).listen(8080)
 * ```
 */
export function toNodeListener(handler: FetchHandler): NodeListener {
  return (incoming, outgoing) => {
    void answer(handler, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function answer(
  handler: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const given = toRequest(incoming, gone.signal)
  const response =
    given === undefined
      ? new Response(null, { status: 400 })
      : await Promise.resolve(given.request)
          .then(handler)
          .catch(() => new Response(null, { status: 500 }))
  if (outgoing.destroyed) {
    await response.body?.cancel()
    return
  }
  outgoing.writeHead(response.status, [...response.headers].flat())
  await send(response.body, outgoing, gone.signal)
  given?.release()
  drain(incoming)
}

/** Sends a body as it comes. */
async function send(
  body: ReadableStream<Uint8Array> | null,
  outgoing: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  if (body === null) return void outgoing.end()
  // A client that reads events gets the head before the first event.
  outgoing.flushHeaders()
  const reader = body.getReader()
  const onGone = (): void => void reader.cancel().catch(() => undefined)
  gone.addEventListener('abort', onGone, { once: true })
  for (;;) {
    const { done, value } = await reader.read()
    if (done || gone.aborted) break
    if (!outgoing.write(value)) await writable(outgoing, gone)
  }
  gone.removeEventListener('abort', onGone)
  outgoing.end()
}

/** Resolves when more may be written, or the client has disconnected. */
function writable(outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      outgoing.off('drain', end)
      gone.removeEventListener('abort', end)
      resolve()
    }
    outgoing.on('drain', end)
    gone.addEventListener('abort', end)
    if (gone.aborted) end()
  })
}
