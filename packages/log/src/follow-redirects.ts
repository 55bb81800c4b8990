import { FetchError } from '@durable-streams/client'
import { describeUrl } from './describe-url.ts'
import { StreamDBError } from './errors.ts'
import { RedirectMemory } from './redirect-memory.ts'
import { checkRedirectOptions, describeRedirect, redirectStatuses, redirectTarget } from './redirects.ts'
import type { RedirectOptions } from './redirects.ts'

type Fetch = typeof globalThis.fetch

/** So many redirects of one request are followed. */
const mostRedirects = 5

/** What already follows redirects by these rules. */
const following = new WeakSet<Fetch>()

/**
 * The fetch functions that follow redirects to the same origin only, by the fetch that they use: they share their memory of
 * redirects.
 */
const careful = new WeakMap<Fetch, Fetch>()

/** Marks a `fetch` that calls another one as following redirects, where that one does. Returns it. */
export function followingAs(original: Fetch, wrapper: Fetch): Fetch {
  if (following.has(original)) following.add(wrapper)
  return wrapper
}

/**
 * Returns a `fetch` that follows redirects to the same origin and to those that are allowed, with all headers and the body
 * as they are: a request that a follower of a cluster answers 307 reaches the leader, with its credentials. Where a request
 * was redirected to is remembered for some seconds.
 *
 * Rejects for a redirect that is not allowed, that turns a POST into a GET, or that leads from https to http: with a
 * `FetchError`, which no handle of the client tries again, whose cause is the `StreamDBError` (`redirect-refused`). Rejects with
 * `unreachable` for a loop. Browsers do not show where a redirect leads to: there it is found by a HEAD without credentials.
 *
 * `fetch`: what sends each request, by default the runtime's. It is called with `redirect: 'manual'`;
 * if it follows redirects all the same, the address of its response is checked.
 */
export function followRedirects({
  fetch: given,
  ...options
}: RedirectOptions & { readonly fetch?: Fetch | undefined } = {}): Fetch {
  if (given !== undefined && following.has(given)) return given
  checkRedirectOptions(options)
  const isCareful = (options.allow ?? []).length === 0
  const shared = isCareful ? careful.get(given ?? runtimeFetch) : undefined
  if (shared !== undefined) return shared
  const memory = new RedirectMemory()
  const send = given ?? runtimeFetch
  const follow: Fetch = (input, init) => followOne(input, init).catch(toFetchError)

  async function followOne(...[input, init]: Parameters<Fetch>): Promise<Response> {
    if (init?.redirect !== undefined && init.redirect !== 'follow') return send(input, init)
    const [asked, request] = await toRequest(input, init)
    const known = memory.find(asked)
    if (known !== undefined) {
      try {
        const response = await sendFrom(known, asked, request, { send, options, memory })
        // The leader may have changed: the next request uses the original address.
        if (!response.ok) memory.forget(asked)
        return response
      } catch (error) {
        memory.forget(asked)
        // A read that went to a leader that is gone is repeated at once; a write may have arrived.
        if (!isRead(request) || request.signal?.aborted === true) throw error
      }
    }
    return sendFrom(asked, asked, request, { send, options, memory })
  }
  following.add(follow)
  if (isCareful) careful.set(send, follow)
  return follow
}

/** What a handle of the client tries again for ever, unless it is an answer of the kind that stays. */
function toFetchError(error: unknown): never {
  if (!(error instanceof StreamDBError) || error.code !== 'redirect-refused') throw error
  const misdirected = new FetchError(421, undefined, undefined, {}, '', error.message)
  misdirected.cause = error
  throw misdirected
}

/** Returns the `redirect-refused` that a `fetch` of `followRedirects` threw; nothing for all else. */
export function refusedRedirectOf(thrown: unknown): StreamDBError | undefined {
  const { cause } = Object(thrown) as { cause?: unknown } // looked at, whatever it is
  const isRefused = cause instanceof StreamDBError && cause.code === 'redirect-refused'
  return isRefused && thrown instanceof FetchError ? cause : undefined
}

/** The runtime's fetch as it is when a request is sent: it may be replaced. */
const runtimeFetch: Fetch = async (...args) => {
  // Absent on old runtimes.
  if ((globalThis.fetch as Fetch | undefined) === undefined) {
    throw new StreamDBError(
      'invalid-options',
      'This runtime has no fetch: pass one as streamOptions.fetch, or load a polyfill before',
    )
  }
  return globalThis.fetch(...args)
}

/** A request's method, headers, body and signal. */
type SentRequest = RequestInit & { readonly method: string }

interface Following {
  readonly send: Fetch
  readonly options: RedirectOptions
  readonly memory: RedirectMemory
}

async function sendFrom(
  start: URL,
  asked: URL,
  request: SentRequest,
  { send, options, memory }: Following,
): Promise<Response> {
  const { method } = request
  const seen = new Set<string>()
  let target = start
  for (let redirects = 0; ; redirects++) {
    if (seen.has(target.href) || redirects > mostRedirects) {
      const what = `${method} ${describeUrl(asked.href)} is redirected ${redirects > mostRedirects ? `more than ${mostRedirects} times` : 'in a circle'}`
      throw new StreamDBError('unreachable', `${what}, in the end to ${describeUrl(target.href)}`)
    }
    seen.add(target.href)
    const response = await send(target.href, { ...request, redirect: 'manual' })
    const isHidden = response.type === 'opaqueredirect'
    const location = redirectStatuses.includes(response.status) ? response.headers.get('location') : null
    if (!isHidden && location === null) {
      checkFollowed(response, target, asked, method, options)
      if (target.href !== start.href) memory.remember(asked, target)
      return response
    }
    void response.body?.cancel().catch(() => undefined)
    const redirect = { method, status: response.status, origin: asked.origin, from: target }
    const next = location === null ? await findHidden(target, request) : { ...redirect, location }
    const to = redirectTarget({ ...redirect, ...next }, options)
    if (request.body instanceof ReadableStream) {
      throw new StreamDBError(
        'redirect-refused',
        `${describeRedirect({ ...redirect, ...next })}: a body that is a stream cannot be sent again. Use the address that it is redirected to`,
      )
    }
    target = to
  }
}

/**
 * Finds the target of a redirect in a browser, which shows it only for a request that it follows: the request has no headers, so
 * that it reveals nothing to the target.
 */
async function findHidden(
  from: URL,
  { method, signal }: SentRequest,
): Promise<{ readonly location: string; readonly status: number }> {
  const what = `${method} ${describeUrl(from.href)} was redirected, and a browser does not say where to`
  const advice = 'Read and write by an address that does not redirect, such as a gateway'
  const probe = { method: 'HEAD', credentials: 'omit', cache: 'no-store', signal: signal ?? null } as const
  // Never by the application's own fetch, which may add credentials.
  const found = await globalThis.fetch(from.href, probe).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause
    throw new StreamDBError(
      'unreachable',
      `${what}: a HEAD without credentials failed there (the server is down, or does not allow this origin: check Access-Control-Allow-Origin). ${advice}`,
      { cause },
    )
  })
  if (found.redirected) return { location: found.url, status: 307 }
  throw new StreamDBError(
    // A follower of a cluster may answer reads by itself, and so this HEAD: no attempt to write here fares better.
    method === 'POST' && found.ok ? 'redirect-refused' : 'unreachable',
    `${what}: a HEAD without credentials was answered ${found.status}, and not redirected. ${advice}`,
  )
}

/** Checks a response that was redirected all the same: by a fetch that does not know `redirect: 'manual'`. */
function checkFollowed(
  { redirected, url, headers }: Response,
  sent: URL,
  asked: URL,
  method: string,
  options: RedirectOptions,
): void {
  // React Native does not say whether it followed.
  const isFollowed =
    redirected || ((redirected as boolean | undefined) === undefined && isElsewhere(url, sent))
  if (!isFollowed || !URL.canParse(url)) return
  redirectTarget({ method, status: 307, origin: asked.origin, from: sent, location: url }, options)
  // It may have become a GET of the stream, which looks like an answer. A server names the producer to whom it wrote.
  if (method !== 'POST' || headers.has('producer-epoch') || headers.has('producer-seq')) return
  throw new StreamDBError(
    'unreachable',
    `POST ${describeUrl(sent.href)} was redirected to ${describeUrl(url)} by the fetch that was given, which does not say whether as a POST: let it pass "redirect: 'manual'" on`,
  )
}

function isElsewhere(url: string, sent: URL): boolean {
  if (!URL.canParse(url)) return false
  const { origin, pathname } = new URL(url)
  return origin !== sent.origin || pathname !== sent.pathname
}

function isRead({ method }: SentRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

async function toRequest(
  input: Parameters<Fetch>[0],
  init: RequestInit = {},
): Promise<readonly [URL, SentRequest]> {
  const { location } = globalThis as { location?: { readonly href: string } } // absent outside of browsers
  if (typeof input === 'string' || input instanceof URL) {
    return [new URL(input, location?.href), { ...init, method: (init.method ?? 'GET').toUpperCase() }]
  }
  const { url, method, headers, signal, credentials, cache } = new Request(input, init)
  const body = method === 'GET' || method === 'HEAD' ? null : await new Request(input, init).arrayBuffer()
  return [new URL(url), { method, headers, signal, credentials, cache, body }]
}
