import { defaultTimes, delay, describeUrl, linkSignals, StreamDBError, withLinkedSignal } from '@streamdb/log'
import { beside } from '../stream-client.ts'
import type { StreamLocation } from '../stream-client.ts'

export interface ProbeRequest {
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
  /** Takes the head alone: a live response has no end. */
  readonly headOnly?: boolean | undefined
}

export interface ProbeAnswer {
  readonly status: number
  readonly ok: boolean
  readonly headers: Headers
  readonly text: string
}

/** Makes streams for a while beside another one, and tells what the server answers. */
export interface ProbeClient {
  /** The URL of a probe's stream: nothing is there yet. */
  url(name: string): string
  send(method: string, url: string, request?: ProbeRequest): Promise<ProbeAnswer>
  /** Begins a long-poll at an offset; resolves with whether it is answered within so many milliseconds. */
  poll(url: string, offset: string, within: number): Promise<boolean>
  /** Creates a JSON stream with these appends, and returns its URL. */
  create(name: string, ...appends: readonly string[]): Promise<string>
  /** Deletes what was made. */
  remove(): Promise<void>
}

const json = { 'content-type': 'application/json' }
const mostAttempts = 5

/** `signal` ends a probe; an answer that does not come in time is `unreachable`. */
export function createProbeClient(
  location: StreamLocation,
  prefix: string,
  signal: AbortSignal,
): ProbeClient {
  const made = new Set<string>()

  async function send(method: string, url: string, request: ProbeRequest = {}): Promise<ProbeAnswer> {
    if (method === 'PUT') made.add(url)
    for (let attempt = 1; ; attempt++) {
      const answer = await sendOnce(beside(location, url), method, request, signal)
      // A cluster that is choosing a leader says so; every request of a probe may be repeated.
      if (answer.status < 500 && answer.status !== 429) return answer
      if (attempt >= mostAttempts) return answer
      await delay(defaultTimes.initialDelay * 2 ** attempt, signal)
    }
  }

  async function create(name: string, ...appends: readonly string[]): Promise<string> {
    const url = clientUrl(name)
    expectOk(await send('PUT', url, { headers: json }), 'PUT', url)
    for (const body of appends) expectOk(await send('POST', url, { headers: json, body }), 'POST', url)
    return url
  }

  async function poll(url: string, offset: string, within: number): Promise<boolean> {
    const ending = new AbortController()
    const ended = linkSignals([signal, ending.signal])
    const params = { offset, live: 'long-poll' }
    const answer = sendOnce(beside(location, url), 'GET', { params, headOnly: true }, ended.signal).then(
      () => true,
      // A connection that is cut tells the reader as well.
      () => true,
    )
    try {
      return await Promise.race([answer, delay(within, ended.signal).then(() => false)])
    } finally {
      ending.abort()
      ended.unlink()
    }
  }

  function clientUrl(name: string): string {
    return new URL(`./${prefix}-${name}`, location.url).href
  }

  return {
    ...{ url: clientUrl, send, poll, create },
    async remove() {
      for (const url of made) await send('DELETE', url).catch(() => undefined)
      made.clear()
    },
  }
}

async function sendOnce(
  location: StreamLocation,
  method: string,
  { headers, params, body, headOnly = false }: ProbeRequest,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const { fetch = globalThis.fetch } = location
  const url = new URL(location.url)
  for (const [name, value] of Object.entries({ ...(await resolve(location.params)), ...params }))
    url.searchParams.set(name, value)
  const ending = new AbortController()
  const timeout = AbortSignal.timeout(defaultTimes.connectTimeout)
  try {
    return await withLinkedSignal([signal, timeout, ending.signal], async (linked) => {
      const response = await fetch(url, {
        ...{ method, headers: { ...(await resolve(location.headers)), ...headers } },
        ...(body !== undefined && { body }),
        signal: linked,
      })
      const text = headOnly || method === 'HEAD' ? '' : await response.text()
      // A live response has no end: it is given up as long as the signals are linked.
      if (headOnly) ending.abort()
      return { status: response.status, ok: response.ok, headers: response.headers, text }
    })
  } catch (cause) {
    signal.throwIfAborted()
    const what = `${method} ${describeUrl(url.href)}`
    throw new StreamDBError('unreachable', `${what} failed: ${String(cause)}`, { cause })
  }
}

function expectOk({ ok, status, text }: ProbeAnswer, method: string, url: string): void {
  if (ok) return
  const code =
    status === 401 || status === 403 ? 'unauthorized' : status >= 500 ? 'unreachable' : 'write-failed'
  throw new StreamDBError(
    code,
    `${method} ${describeUrl(url)} was answered ${status}: ${text.slice(0, 300)}. To ask a server what it can do, ` +
      'streams have to be created beside the one that is given',
    { status },
  )
}

async function resolve(values: StreamLocation['headers']): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const [name, value] of Object.entries(values ?? {}))
    resolved[name] = typeof value === 'function' ? await value() : value
  return resolved
}
