import type { DurableStream, DurableStreamOptions } from '@durable-streams/client'
import { backoff, defaultTimes } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import { withParams } from './credentials.ts'
import { describeUrl } from './describe-url.ts'
import { StreamDBError } from './errors.ts'
import { followRedirects, refusedRedirectOf } from './follow-redirects.ts'
import { ConnectionError, toHttpError } from './http-error.ts'
import { isBefore } from './offsets.ts'
import { toReadFailure } from './read-failure.ts'
import { delay, withTimeout } from './timeout.ts'

/** What is forked, and where. */
export interface ForkStreamOptions {
  /** The source, and what reaches it: the same reaches the fork. */
  readonly stream: DurableStream
  readonly streamOptions: DurableStreamOptions
  /** The fork's URL, on the server of the source. */
  readonly url: string
  /** What the fork has of its source: the log until here. An offset of the source, as its server gave it. */
  readonly offset: string
  readonly times?: ReaderTimes | undefined
  readonly signal: AbortSignal
}

/** So often a request is tried. */
const mostAttempts = 5

/**
 * Creates a stream that shares another one's log until an offset, by the protocol's fork headers: nothing is copied. May be
 * repeated: the same fork at the same offset exists once.
 *
 * Rejects with `fork-unsupported` where the server does not fork (it is asked, not known by its name; what it created
 * instead is deleted again), `fork-failed` where it refuses this one (the URL is taken, the source is deleted), and as any
 * request does: `offset-invalid`, `stream-not-found`, `unauthorized`, `unreachable`, the signal's reason.
 */
export async function forkStream(options: ForkStreamOptions): Promise<void> {
  const { stream, url, offset } = options
  const source = new URL(stream.url)
  const what = `Forking ${describeUrl(source.href)} at the offset ${offset}`
  const created = await send(options, 'PUT', what, {
    'content-type': 'application/json',
    'Stream-Forked-From': source.pathname,
    'Stream-Fork-Offset': offset,
  })
  const end =
    created.headers.get('stream-next-offset') ??
    (await send(options, 'HEAD', what)).headers.get('stream-next-offset')
  // A fork begins where it leaves its source; another stream begins with nothing.
  if (end !== null && !isBefore(end, offset)) return
  if (created.status === 201) await send(options, 'DELETE', what)
  const but = `expected a stream that goes on at ${offset}, but it ends at ${String(end)}`
  throw new StreamDBError(
    'fork-unsupported',
    `${what} failed: the server at ${source.origin} does not fork streams (${describeUrl(url)}: ${but})`,
  )
}

/** Deletes a stream; one that is gone already is as good. May be repeated. */
export async function deleteStream(options: Omit<ForkStreamOptions, 'offset'>): Promise<void> {
  await send(options, 'DELETE', `Deleting ${describeUrl(options.url)}`)
}

/** Sends a request on the fork, again where that may help. */
async function send(
  options: Omit<ForkStreamOptions, 'offset'>,
  method: 'PUT' | 'HEAD' | 'DELETE',
  what: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { times = defaultTimes, signal } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTimeout(signal, times.connectTimeout, (own) => sendOnce(options, method, headers, own))
    } catch (thrown) {
      signal.throwIfAborted()
      const { error, retryAfter } = toReadFailure(thrown, `${what} failed`)
      if (error.code !== 'unreachable' || attempt >= Math.min(mostAttempts, times.maxRetries + 1)) {
        if (method === 'DELETE' && error.code === 'stream-not-found') return new Response()
        throw method === 'PUT' ? forkError(error, what) : error
      }
      await delay(Math.max(retryAfter, backoff(times, attempt)), signal)
      signal.throwIfAborted()
    }
  }
}

async function sendOnce(
  { stream, streamOptions, url }: Omit<ForkStreamOptions, 'offset'>,
  method: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const target = await withParams(url, streamOptions)
  const own = { ...(await stream.resolveHeaders()), ...headers }
  const fetch = followRedirects({ fetch: streamOptions.fetch })
  const response = await fetch(target, { method, headers: own, signal }).catch((cause: unknown) => {
    throw refusedRedirectOf(cause) ?? (cause instanceof StreamDBError ? cause : new ConnectionError(cause))
  })
  if (!response.ok) throw await toHttpError(response)
  void response.body?.cancel().catch(() => undefined)
  return response
}

function forkError(error: StreamDBError, what: string): StreamDBError {
  const { status, body, message } = error
  const as = (code: StreamDBError['code'], hint: string): StreamDBError =>
    new StreamDBError(code, `${message}. ${hint}`, { status, body, cause: error })
  if (status === 405 || status === 501)
    return as('fork-unsupported', 'The server neither creates nor forks streams')
  if (status === 400) return as('offset-invalid', 'Is it an offset of this stream, and not behind its end?')
  if (status === 409) return as('fork-failed', 'Is the URL of the branch taken by another stream?')
  return error.code === 'stream-failed' ? as('fork-failed', what) : error
}
