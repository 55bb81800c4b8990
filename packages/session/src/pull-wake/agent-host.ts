import { deferred, delay, openStream, randomId, resolveUrl } from '@streamdb/log'
import { SessionError } from '../errors.ts'
import { checkSleepingAgent, serveSession, serveWake } from './serve-wake.ts'
import type { SleepingAgent, WakeContext } from './serve-wake.ts'
import { Subscriptions, watchedPath, watchedUrl } from './subscriptions.ts'

/** Options of `createAgentHost`. */
export interface AgentHostOptions extends SleepingAgent {
  /** The stream server: any URL of it. */
  readonly server: string
  /** The sessions that the agent serves; `add` takes more. */
  readonly sessions?: Iterable<string> | undefined
  /** The stream by which the server tells the agent's processes; default: `agents/<name>/wakes` below `/v1/stream`. */
  readonly wakeStream?: string | undefined
  /** After how long without a word from this process another is woken, in milliseconds. Default 30,000. */
  readonly leaseTtl?: number | undefined
  /** How many sessions are open at once; others wait. Default 20. */
  readonly limit?: number | undefined
  /** Told of sessions that could not be served, and of a server that cannot be reached; both are tried again. */
  readonly onError?: ((error: unknown) => void) | undefined
}

const firstPause = 250
const longestPause = 10_000
/** How long the wake stream outlives its last use, in seconds. */
const wakeStreamTtl = 24 * 3_600

/**
 * Serves many sessions with one connection: the server tells which of them has something new, by its pull-wake subscriptions;
 * it is opened, answered and closed. Processes that serve the same agent share its work.
 *
 * Throws `invalid-options`; `ready` and `add` reject with `subscriptions-unsupported` where the server has none.
 *
 * @example
 * ```ts
 * const server = new URL(url).origin
 * const agent = { name: 'bot', handle: (run: AgentRun) => run.text('Hello') }
 * const host = createAgentHost({ server, sessions: [`${server}/v1/stream/1`], agent })
 * await host.ready
 * await host.stop()
 * ```
 */
export function createAgentHost(options: AgentHostOptions): AgentHost {
  checkSleepingAgent('createAgentHost', options)
  return new AgentHost(options)
}

/** An agent that sleeps until one of its sessions has something for it. */
export class AgentHost {
  readonly #options: AgentHostOptions
  readonly #subscriptions: Subscriptions
  readonly #wakeStream: string
  readonly #worker = randomId()
  readonly #sessions = new Map<string, string>()
  /** The sessions that are open, and those that are to be, in the order in which they were told of. */
  readonly #awake = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, 'told' | 'new'>()
  readonly #stopping = new AbortController()
  readonly #started = deferred()

  constructor(options: AgentHostOptions) {
    this.#options = options
    const server = resolveUrl(options.server)
    this.#subscriptions = new Subscriptions(server, options.session?.streamOptions ?? {})
    this.#wakeStream = resolveUrl(
      options.wakeStream ?? watchedUrl(server, `agents/${options.agent.name}/wakes`),
    )
    for (const url of options.sessions ?? []) this.#register(url)
    // Whoever does not wait for it hears of it by `onError`.
    this.#started.promise.catch(() => undefined)
    void this.#listen()
  }

  /** Resolves when the server tells this process of all of its sessions. Rejects with `subscriptions-unsupported`. */
  get ready(): Promise<void> {
    return this.#started.promise
  }

  /** The sessions that are open now. */
  get awake(): readonly string[] {
    return [...this.#awake.keys()]
  }

  /** Serves one more session; resolves when the server tells of it. Known ones stay. Rejects as `ready` does. */
  async add(url: string): Promise<void> {
    const id = this.#register(url)
    await this.#started.promise
    await this.#subscribe(id, resolveUrl(url))
  }

  /** Serves a session no longer; answers under way are finished. Other processes go on. */
  remove(url: string): void {
    for (const [id, known] of this.#sessions) if (known === resolveUrl(url)) this.#sessions.delete(id)
  }

  /** Ends it: answers under way are handed over. Resolves when others can take them; what comes is kept for them. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#started.reject(new SessionError('closed', 'The host of the agent was stopped'))
    await Promise.all(this.#awake.values())
  }

  #register(given: string): string {
    const url = resolveUrl(given)
    const id = `${this.#options.agent.name}:${watchedPath(url)}`
    this.#sessions.set(id, url)
    return id
  }

  /** Reads what the server tells, for ever; after a gap everything is set up anew, as the server may have forgotten it. */
  async #listen(): Promise<void> {
    const { signal } = this.#stopping
    for (let pause = firstPause; !signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      try {
        await this.#listenOnce(() => (pause = firstPause))
      } catch (error) {
        if (signal.aborted) return
        this.#options.onError?.(error)
        if (error instanceof SessionError && error.code === 'subscriptions-unsupported') {
          this.#started.reject(error)
          return
        }
      }
      await delay(pause, signal)
    }
  }

  async #listenOnce(onReady: () => void): Promise<void> {
    const { signal } = this.#stopping
    const { streamOptions } = this.#options.session ?? {}
    // A connection that breaks ends it, as the server may have started anew: retrying it would not make the subscriptions.
    const backoffOptions = { initialDelay: 0, maxDelay: 0, multiplier: 1, maxRetries: 0 }
    const { stream } = openStream({
      warnOnHttp: false,
      ...streamOptions,
      backoffOptions,
      url: this.#wakeStream,
    })
    await stream
      .create({ contentType: 'application/json', ttlSeconds: wakeStreamTtl })
      .catch((error: unknown) => {
        // It was made with another lifetime: that stays.
        if (Reflect.get(Object(error), 'status') !== 409) throw error
      })
    // Before anything is asked for, so that nothing is told between.
    const head = await stream.head({ signal })
    const offset = (head.exists ? head.offset : undefined) ?? 'now'
    // A server that has none says so here, whatever its streams are read by.
    for (const [id, url] of this.#sessions) await this.#subscribe(id, url)
    const response = await stream.stream({ offset, live: 'long-poll', signal })
    response.subscribeJson(({ items }) => {
      for (const item of items) this.#onTold(item)
    })
    // It ends with the connection, or the signal; whichever way, it is handled here.
    const closed = response.closed
    closed.catch(() => undefined)
    this.#started.resolve()
    onReady()
    await closed
  }

  async #subscribe(id: string, url: string): Promise<void> {
    const isNew = await this.#subscriptions.create(id, {
      type: 'pull-wake',
      streams: [watchedPath(url)],
      wakeStream: watchedPath(this.#wakeStream),
      leaseTtl: this.#options.leaseTtl ?? 30_000,
    })
    // A new one tells of nothing that is there already; a known one may have told nobody.
    this.#wake(id, isNew ? 'new' : 'told')
  }

  #onTold(item: unknown): void {
    const id: unknown =
      typeof item === 'object' && item !== null ? Reflect.get(item, 'subscription_id') : undefined
    if (typeof id === 'string' && this.#sessions.has(id)) this.#wake(id, 'told')
  }

  #wake(id: string, how: 'told' | 'new'): void {
    if (this.#waiting.get(id) !== 'new') this.#waiting.set(id, how)
    this.#next()
  }

  #next(): void {
    const { limit = 20, onError } = this.#options
    for (const [id, how] of this.#waiting) {
      if (this.#stopping.signal.aborted || this.#awake.size >= limit) return
      const url = this.#sessions.get(id)
      if (url !== undefined && this.#awake.has(url)) continue
      this.#waiting.delete(id)
      if (url === undefined) continue
      const serving = this.#serve(id, url, how)
        .catch((error: unknown) => onError?.(error))
        .finally(() => {
          this.#awake.delete(url)
          this.#next()
        })
      this.#awake.set(url, serving)
    }
  }

  async #serve(id: string, url: string, how: 'told' | 'new'): Promise<void> {
    const context: WakeContext = {
      ...this.#options,
      subscriptions: this.#subscriptions,
      signal: this.#stopping.signal,
    }
    if (how === 'new') {
      await serveSession(url, undefined, context)
      return
    }
    const lease = await this.#subscriptions.claim(id, this.#worker)
    if (lease !== undefined) await serveWake(url, lease, context)
  }
}
