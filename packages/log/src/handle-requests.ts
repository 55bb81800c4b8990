import type { DurableStream, FetchError } from '@durable-streams/client'
import { StreamDBError } from './errors.ts'
import type { Requests } from './requests.ts'
import { ConnectionError, HttpError } from './http-error.ts'
import { parsePageHead } from './page-head.ts'
import { readChunks } from './read-chunks.ts'
import { resolveUrl } from './describe-url.ts'
import { streamIdOf } from './stream-id.ts'
import { refusedRedirectOf } from './follow-redirects.ts'

/** Returns requests by a handle of the application, which keeps its own fetch, headers and retries. */
export function createHandleRequests(
  stream: DurableStream,
): Pick<Requests, 'read' | 'findEnd' | 'findId' | 'create' | 'askOnError'> {
  return {
    async read({ offset, live, cursor, signal }) {
      const params = { live, cursor }
      const session = await stream
        // The handle's own `onError` would be called for our aborts, and `{}` would repeat the request forever.
        .stream({ offset, live: false, json: true, signal, params, onError: () => undefined })
        .catch((cause: unknown) => {
          throw toRequestError(cause)
        })
      // Errors surface where the body is read.
      session.closed.catch(() => undefined)
      if (signal.aborted) session.cancel()
      const { headers, status } = session
      return {
        head: parsePageHead(status, headers),
        headers,
        session,
        body: () => readChunks(session.bodyStream()),
        cancel: () => session.cancel(),
      }
    },
    async findEnd(signal) {
      const found = await stream.head({ signal }).catch((cause: unknown) => {
        throw toRequestError(cause)
      })
      return found.exists ? found.offset : undefined
    },
    async findId(signal) {
      const found = await stream.head({ signal }).catch((cause: unknown) => {
        throw toRequestError(cause)
      })
      return found.exists
        ? streamIdOf(found.etag, undefined, found.offset, resolveUrl(stream.url))
        : undefined
    },
    async create() {
      await stream.create({ contentType: 'application/json' })
    },
    askOnError: () => Promise.resolve(undefined),
  }
}

/** Converts an error of a stream handle to one of our own requests: its messages may contain the URL, and secrets in it. */
function toRequestError(thrown: unknown): unknown {
  const refused = refusedRedirectOf(thrown)
  if (refused !== undefined || thrown instanceof StreamDBError) return refused ?? thrown
  const { status, headers, text, json } = Object(thrown) as Partial<FetchError> // looked at, whatever it is
  if (typeof status !== 'number') return new ConnectionError(thrown)
  return new HttpError(status, '', new Headers(headers), text ?? (json ? JSON.stringify(json) : ''))
}
