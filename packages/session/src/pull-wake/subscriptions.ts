import { describeUrl, openStream, withParams } from '@streamdb/log'
import { SessionError } from '../errors.ts'
import type { SessionOptions } from '../session-options.ts'

/** How requests to the server are sent. */
export type RequestOptions = NonNullable<SessionOptions['streamOptions']>

/** What a subscription watches, and how it tells of it. */
export type SubscriptionConfig = {
  /** How long a process that was told may be silent before another is, in milliseconds: 1,000 to 600,000. */
  readonly leaseTtl: number
} & (
  | { readonly type: 'pull-wake'; readonly streams: readonly string[]; readonly wakeStream: string }
  | {
      readonly type: 'webhook'
      readonly streams?: readonly string[] | undefined
      readonly pattern?: string | undefined
      readonly webhook: string
    }
)

/** The right to work on what a subscription told of, until it is over or silent for too long. */
export interface WakeLease {
  readonly subscription: string
  readonly action: 'ack' | 'callback'
  readonly wake: string
  readonly generation: number
  readonly token: string
  readonly ttl: number
}

/** Below which path subscriptions watch streams. */
const root = '/v1/stream/'

/** The subscriptions of a stream server: how it tells sleeping agents of appends. */
export class Subscriptions {
  readonly #server: string
  readonly #options: RequestOptions

  /** `server`: any URL of it. */
  constructor(server: string, options: RequestOptions) {
    this.#server = new URL(server).origin
    this.#options = options
  }

  /** Makes a subscription, or confirms it; resolves with whether it is new. It tells of what is appended from now on. */
  async create(id: string, config: SubscriptionConfig): Promise<boolean> {
    const { leaseTtl: lease_ttl_ms, type } = config
    const watched =
      type === 'pull-wake'
        ? { streams: config.streams, wake_stream: config.wakeStream }
        : { streams: config.streams, pattern: config.pattern, webhook: { url: config.webhook } }
    const response = await this.#send('PUT', id, '', { type, lease_ttl_ms, ...watched })
    const body = await readJson(response)
    // A server that does not know them may take the path for a stream's.
    if (response.ok && body['subscription_id'] === id) return response.status === 201
    const code = errorCode(body)
    if (code !== undefined && code !== 'SUBSCRIPTION_NOT_FOUND')
      throw this.#refused(`Subscribing "${id}"`, response, code)
    throw new SessionError(
      'subscriptions-unsupported',
      `${this.#server} has no subscriptions (it answered with ${response.status}): an agent cannot sleep there. ` +
        'Run it with session.agent, which stays connected',
      { status: response.status },
    )
  }

  /** Takes what a subscription has told of; resolves with nothing where there is nothing, or another process has it. */
  async claim(id: string, worker: string): Promise<WakeLease | undefined> {
    const response = await this.#send('POST', id, '/claim', { worker })
    const body = await readJson(response)
    if (response.status === 409) return undefined
    if (!response.ok) throw this.#refused(`Claiming "${id}"`, response, errorCode(body))
    return {
      ...{ subscription: id, action: 'ack' },
      wake: String(body['wake_id']),
      generation: Number(body['generation']),
      token: String(body['token']),
      ttl: Number(body['lease_ttl_ms']),
    }
  }

  /** Says that work goes on. Resolves with whether the lease is still this process's. */
  extend(lease: WakeLease): Promise<boolean> {
    return this.#answer(lease, {})
  }

  /** Ends the lease: streams were worked on until these offsets. What is behind them is told of again. */
  finish(lease: WakeLease, offsets: ReadonlyMap<string, string>): Promise<boolean> {
    const acks = [...offsets].map(([stream, offset]) => ({ stream, offset }))
    return this.#answer(lease, { acks, done: true })
  }

  async #answer(lease: WakeLease, rest: object): Promise<boolean> {
    const { subscription, action, wake: wake_id, generation, token } = lease
    const body = { wake_id, generation, ...rest }
    const response = await this.#send('POST', subscription, `/${action}`, body, token)
    const code = errorCode(await readJson(response))
    if (response.ok) return true
    // It is another process's, or as old as the server's memory.
    if (code === 'FENCED' || response.status === 401 || response.status === 404) return false
    throw this.#refused(`Ending the wake of "${subscription}"`, response, code)
  }

  async #send(method: string, id: string, action: string, body: object, token?: string): Promise<Response> {
    const url = `${this.#server}${root}__ds/subscriptions/${encodeURIComponent(id)}${action}`
    const { stream, streamOptions } = openStream({ warnOnHttp: false, ...this.#options, url })
    const send = streamOptions.fetch ?? fetch
    const headers = {
      ...(await stream.resolveHeaders()),
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const target = await withParams(url, streamOptions)
    return send(target, { method, headers, body: JSON.stringify(body) }).catch((cause: unknown) => {
      const message = `${method} ${describeUrl(url)} failed: ${String(cause)}`
      throw new SessionError('request-failed', message, { cause })
    })
  }

  #refused(what: string, { status }: Response, code: string | undefined): SessionError {
    return new SessionError(
      'request-failed',
      `${what} was refused by ${this.#server} with ${status} (${code ?? 'no code'})`,
      { status },
    )
  }
}

/** Returns the path by which subscriptions name a stream. Throws `subscriptions-unsupported` where they cannot watch it. */
export function watchedPath(url: string): string {
  const { pathname } = new URL(url)
  if (pathname.startsWith(root)) return decodeURIComponent(pathname.slice(root.length)).replace(/\/+$/, '')
  throw new SessionError(
    'subscriptions-unsupported',
    `Subscriptions watch streams below ${root}, and ${describeUrl(url)} is not`,
  )
}

/** Returns the URL of a stream that a subscription names. */
export function watchedUrl(server: string, path: string): string {
  return new URL(`${root}${path.split('/').map(encodeURIComponent).join('/')}`, server).href
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json()
    // An object's fields are unknown until they are looked at.
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function errorCode({ error }: Record<string, unknown>): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}
