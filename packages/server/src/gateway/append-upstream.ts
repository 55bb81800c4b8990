import type { StreamLocation } from '../stream-client.ts'
import { linkSignal } from './linked-signal.ts'
import { Refusal } from './refusal.ts'
import { fetchUpstream } from './upstream.ts'

/** What an append to the stream server came to. */
export type Appended =
  /** It is in the log, which ends at `end` behind it; without `end`, an earlier attempt had stored it. */
  | { readonly type: 'stored'; readonly end: string | undefined; readonly headers: Headers }
  /** Another writer was first: the log does not end where it was thought to. */
  | { readonly type: 'moved' }
  /** It is not in the log. */
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** It may be in the log. */
  | { readonly type: 'unknown'; readonly refusal: Refusal }

/** What is appended. */
export interface AppendRequest {
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** How long the stream server may take, in milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** Appends to a stream, once. Never rejects. */
export async function appendUpstream(location: StreamLocation, request: AppendRequest): Promise<Appended> {
  const { body, headers, timeout, signal } = request
  const within = linkSignal([signal], timeout)
  let response: Response
  let text: string
  try {
    response = await fetchUpstream(location, { method: 'POST', headers, body, signal: within.signal })
    text = await response.text()
  } catch {
    return { type: 'unknown', refusal: unreachable() }
  } finally {
    within.release()
  }
  return judge(response, text)
}

/** Says that the stream server did not answer. */
export function unreachable(): Refusal {
  const message = 'The stream server did not answer.'
  return new Refusal({ status: 502, code: 'upstream-unreachable', message, headers: { 'retry-after': '1' } })
}

function judge({ status, ok, headers }: Response, text: string): Appended {
  const end = headers.get('stream-next-offset') ?? undefined
  if (ok) {
    if (end !== undefined || headers.has('producer-seq'))
      return { type: 'stored', end: status === 204 && headers.has('producer-seq') ? undefined : end, headers }
    return {
      type: 'unknown',
      refusal: failed(502, 'upstream-failed', 'What answered is not the stream server.', headers),
    }
  }
  if (status >= 500 || status === 408 || status === 425) {
    return {
      type: 'unknown',
      refusal: failed(status, 'upstream-failed', `The stream server answered ${status}.`, headers),
    }
  }
  return status === 409 && !isSaid(headers)
    ? { type: 'moved' }
    : { type: 'refused', refusal: refusalOf(status, headers, text) }
}

/** A 409 that says why, and is no conflict of `Stream-Seq`. */
function isSaid(headers: Headers): boolean {
  return headers.has('producer-expected-seq') || headers.has('stream-closed')
}

function refusalOf(status: number, headers: Headers, text: string): Refusal {
  const words = text.slice(0, 300)
  if (status === 409 && headers.has('stream-closed')) {
    return failed(409, 'stream-closed', 'The stream is closed: it accepts no more writes.', headers)
  }
  if (status === 409)
    return failed(409, 'producer-gap', `Earlier writes of this producer are missing: ${words}`, headers)
  if (status === 403 && headers.has('producer-epoch')) {
    return failed(403, 'producer-fenced', 'A later epoch of this producer has written.', headers)
  }
  if (status === 404 || status === 410)
    return failed(status, 'stream-not-found', 'There is no such stream.', headers)
  if (status === 413)
    return failed(413, 'too-large', 'The stream server does not take a body of this size.', headers)
  if (status === 429) return failed(429, 'rate-limited', 'The stream server asks to wait.', headers)
  if (status === 400)
    return failed(400, 'upstream-refused', `The stream server refused the write: ${words}`, headers)
  // The gateway's own credentials, say: nothing that its client could do about.
  return failed(502, 'upstream-refused', `The stream server refused the gateway: ${status}.`, headers)
}

/** Headers of a stream server's answer that its writers understand. */
const passed = [
  ...['stream-next-offset', 'stream-closed', 'retry-after'],
  ...['producer-epoch', 'producer-seq', 'producer-expected-seq', 'producer-received-seq'],
]

/** Returns the headers of the stream server's answer to a write that its writer is to see. */
export function writeHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    passed.flatMap((name) => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

function failed(status: number, code: string, message: string, headers: Headers): Refusal {
  return new Refusal({ status, code, message, headers: writeHeaders(headers) })
}
