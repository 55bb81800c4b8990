import type { StreamLocation } from '../stream-client.ts'
import { unreachable } from './append-upstream.ts'
import { linkSignal } from './linked-signal.ts'
import { Refusal } from './refusal.ts'
import { fetchUpstream } from './upstream.ts'

/** What is done to a stream as a whole. */
export type StreamOperation = 'create' | 'close' | 'delete' | 'fork'

/** Headers of a request to create a stream that reach the stream server. */
const createHeaders = ['stream-ttl', 'stream-expires-at', 'stream-fork-offset', 'stream-fork-sub-offset']

/** Where a stream is made or deleted. */
export interface ManageOptions {
  readonly location: StreamLocation
  readonly contentType: string
  /** What it is forked from, as the stream server names it. */
  readonly forkedFrom?: string | undefined
  readonly timeout: number
  readonly signal: AbortSignal
  /** Of CORS. */
  readonly headers: Readonly<Record<string, string>>
}

/** Creates a stream without content. Throws a refusal. */
export async function createStream(request: Request, options: ManageOptions): Promise<Response> {
  const { contentType, forkedFrom } = options
  const kept = createHeaders.flatMap((name) => {
    const value = request.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return pass(request, options, {
    ...Object.fromEntries(kept),
    'content-type': contentType,
    ...(forkedFrom !== undefined && { 'stream-forked-from': forkedFrom }),
  })
}

/** Deletes a stream. Throws a refusal. */
export async function deleteStream(request: Request, options: ManageOptions): Promise<Response> {
  return pass(request, options, {})
}

async function pass(
  { method, url }: Request,
  { location, timeout, signal, headers: cors }: ManageOptions,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const within = linkSignal([signal], timeout)
  let response: Response
  let text: string
  try {
    response = await fetchUpstream(location, { method, headers, signal: within.signal })
    text = await response.text()
  } catch {
    throw unreachable()
  } finally {
    within.release()
  }
  if (!response.ok) throw refusalOf(response, text)
  const passed = [...response.headers].filter(([name]) => name.startsWith('stream-'))
  const { status } = response
  return new Response(null, {
    status,
    headers: {
      ...Object.fromEntries(passed),
      ...(method === 'PUT' && { 'content-type': response.headers.get('content-type') ?? '' }),
      ...(method === 'PUT' && status === 201 && { location: new URL(url).pathname }),
      ...{ 'cache-control': 'no-store', ...cors },
    },
  })
}

function refusalOf({ status }: Response, text: string): Refusal {
  const say = (code: string, message: string, as = status): Refusal =>
    new Refusal({ status: as, code, message })
  if (status === 404 || status === 410) return say('stream-not-found', 'There is no such stream.')
  if (status === 409) return say('stream-exists', 'There is another stream of this name already.')
  if (status === 400) return say('upstream-refused', `The stream server refused it: ${text.slice(0, 300)}`)
  if (status === 405 || status === 501) return say('unsupported', 'The stream server does not do this.')
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    return say('upstream-failed', `The stream server answered ${status}.`)
  return say('upstream-refused', `The stream server refused the gateway: ${status}.`, 502)
}
