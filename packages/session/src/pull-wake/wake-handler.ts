import { resolveUrl } from '@streamdb/log'
import { checkSleepingAgent, serveSession } from './serve-wake.ts'
import type { SleepingAgent } from './serve-wake.ts'
import { Subscriptions, watchedPath, watchedUrl } from './subscriptions.ts'
import type { RequestOptions, WakeLease } from './subscriptions.ts'
import { verifyWake } from './webhook-signature.ts'

/** Options of `createWakeHandler`. */
export interface WakeHandlerOptions extends SleepingAgent {
  /** The stream server: any URL of it. Sessions are opened there, whatever a request says. */
  readonly server: string
  /** For how long a call may work, in milliseconds; then it hands over, and the server calls again. Default 25,000. */
  readonly timeLimit?: number | undefined
  /** Whether the server has signed the request; `false` where something in front of this has checked it. Default: yes. */
  readonly verify?: boolean | undefined
  /** Told of sessions that could not be served: they are tried again when the lease runs out. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Options of `subscribeWebhook`. */
export interface WebhookOptions {
  /** The stream server: any URL of it. */
  readonly server: string
  /** Names the subscription: the same again confirms it. */
  readonly id: string
  /** Where the handler is reached: https, or http on this machine. */
  readonly webhook: string
  /** The sessions that it is called for, by URL. */
  readonly sessions?: readonly string[] | undefined
  /** Or all below `/v1/stream` that match: `sessions/*`; `*` is one segment. */
  readonly pattern?: string | undefined
  /** After how long without a word the server calls again, in milliseconds. Default 30,000. */
  readonly leaseTtl?: number | undefined
  readonly streamOptions?: RequestOptions | undefined
}

/** What the server sends. */
interface Wake {
  readonly lease: WakeLease
  /** The streams that have something new. */
  readonly streams: readonly string[]
}

/**
 * Makes the server call a webhook when sessions have something new. Resolves when it will. Rejects with
 * `subscriptions-unsupported` and `request-failed`.
 */
export async function subscribeWebhook(options: WebhookOptions): Promise<void> {
  const { server, id, webhook, sessions, pattern, leaseTtl = 30_000, streamOptions = {} } = options
  const streams = sessions?.map((url) => watchedPath(resolveUrl(url)))
  const subscriptions = new Subscriptions(resolveUrl(server), streamOptions)
  await subscriptions.create(id, { type: 'webhook', webhook, streams, pattern, leaseTtl })
}

/**
 * Returns a function that answers the server's calls: it opens each session that has something new, lets the agent answer, and
 * closes it. For serverless functions: it is a web `Request` handler, and resolves when the work is done or handed over.
 *
 * Throws `invalid-options`.
 *
 * @example
 * ```ts
 * export const POST = createWakeHandler({
 *   server: new URL(url).origin,
 *   agent: { name: 'bot', handle: (run) => run.text('Hello') },
 * })
 * ```
 */
export function createWakeHandler(options: WakeHandlerOptions): (request: Request) => Promise<Response> {
  checkSleepingAgent('createWakeHandler', options)
  const server = resolveUrl(options.server)
  const { timeLimit = 25_000, verify = true, onError, session } = options
  const subscriptions = new Subscriptions(server, session?.streamOptions ?? {})
  return async (request) => {
    const body = await request.text()
    if (verify && !(await verifyWake(request.headers.get('webhook-signature'), body, server)))
      return new Response('Not signed by the stream server', { status: 401 })
    const wake = toWake(body)
    if (wake === undefined) return new Response('Expected a wake of a subscription', { status: 400 })
    const { lease, streams } = wake
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), timeLimit)
    const context = { ...options, subscriptions, signal: controller.signal }
    try {
      const served = await Promise.all(
        streams.map(async (stream) => {
          const offset = await serveSession(watchedUrl(server, stream), lease, context)
          return [stream, offset] as const
        }),
      )
      await subscriptions.finish(
        lease,
        new Map(served.flatMap(([stream, offset]) => (offset === undefined ? [] : [[stream, offset]]))),
      )
    } catch (error) {
      // Not a refusal, which the server would answer by another delivery under this lease: the next one comes when it runs out.
      onError?.(error)
    } finally {
      clearTimeout(timer)
    }
    return Response.json({})
  }
}

function toWake(body: string): Wake | undefined {
  let given: Partial<Record<string, unknown>>
  try {
    given = Object(JSON.parse(body)) as Partial<Record<string, unknown>> // looked at below
  } catch {
    return undefined
  }
  const { subscription_id, wake_id, generation, callback_token, streams } = given
  if (typeof subscription_id !== 'string' || typeof wake_id !== 'string') return undefined
  if (typeof generation !== 'number' || typeof callback_token !== 'string') return undefined
  if (!Array.isArray(streams)) return undefined
  const pending = streams.flatMap((stream: unknown): string[] => {
    const { path, has_pending } = Object(stream) as { path?: unknown; has_pending?: unknown } // looked at here
    return typeof path === 'string' && has_pending !== false ? [path] : []
  })
  const lease: WakeLease = {
    ...{ subscription: subscription_id, action: 'callback', wake: wake_id, generation },
    ...{ token: callback_token, ttl: 3_000 },
  }
  return { lease, streams: pending }
}
