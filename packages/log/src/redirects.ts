import { describeUrl } from './describe-url.ts'
import { StreamDBError } from './errors.ts'

/**
 * Where requests may be redirected to: an origin such as `https://node-2.example.com:4610`; a pattern that an origin is
 * tested by (write it with `^` and `$`); or a function that is given the URL.
 */
export type AllowedOrigin = string | RegExp | ((url: URL) => boolean)

/** Which redirects of a stream server are followed. */
export interface RedirectOptions {
  /**
   * Origins that requests are redirected to with all their headers and bodies, beside the origin that they are sent to
   * anyway. Other redirects are refused (`redirect-refused`), and so is every one from https to http. Default: none.
   */
  readonly allow?: readonly AllowedOrigin[] | undefined
}

/** A response that leads elsewhere. */
export interface Redirect {
  readonly method: string
  readonly status: number
  /** What the application asked for. */
  readonly origin: string
  readonly from: URL
  /** The header `Location`, as it came. */
  readonly location: string
}

/** The statuses that lead elsewhere where a `Location` comes with them. */
export const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308]

/** Returns `options` as they are. Throws `invalid-options` for what cannot be an origin. */
export function checkRedirectOptions(options: RedirectOptions | undefined): RedirectOptions {
  const { allow = [] } = options ?? {}
  const isList = Array.isArray(allow)
  for (const each of isList ? (allow as readonly unknown[]) : [allow]) {
    if (isList && (typeof each === 'function' || each instanceof RegExp || isOrigin(each))) continue
    throw new StreamDBError(
      'invalid-options',
      `redirects.allow: expected a list of origins such as "https://node-2.example.com", of regular expressions and of functions, but received ${typeof each === 'string' ? JSON.stringify(each) : String(each)}`,
    )
  }
  return options ?? {}
}

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false
  const { origin, href } = new URL(text)
  return /^https?:/.test(origin) && (href === origin || href === `${origin}/`)
}

/**
 * Returns the target of a redirect. Throws `redirect-refused` if it must not be followed, with the origin to allow, and
 * `unreachable` for an invalid `Location`.
 */
export function redirectTarget(redirect: Redirect, { allow = [] }: RedirectOptions): URL {
  const { method, status, from, location } = redirect
  const what = describeRedirect(redirect)
  // A login page, most often: as a GET the request would succeed, and the write would be lost.
  if (method !== 'GET' && method !== 'HEAD' && (status === 303 || (method === 'POST' && status < 303))) {
    throw refused(
      status,
      `${what}, by which a ${method} becomes a GET. It is not followed: a write would be lost without a word. Let the server redirect with 307 or 308, or use the address that takes writes`,
    )
  }
  if (!URL.canParse(location, from.href)) {
    throw new StreamDBError('unreachable', `${what}: the header Location is no address`, { status })
  }
  const to = new URL(location, from.href)
  to.hash = ''
  if (!/^https?:$/.test(to.protocol) || to.username !== '' || to.password !== '') {
    throw refused(
      status,
      `${what}: expected an address of http or https without a user's name, as credentials go with headers`,
    )
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refused(
      status,
      `${what}, which is not encrypted: never followed from https. Let the server, or the proxy in front of it, redirect to https`,
    )
  }
  if (to.origin !== redirect.origin && !allow.some((each) => allows(each, to))) {
    throw refused(
      status,
      `${what}, another origin than ${redirect.origin}: not followed, as credentials would go there. Allow it by the option redirects: { allow: ['${to.origin}'] } beside streamOptions, or read and write by an address that does not redirect, such as a gateway`,
    )
  }
  return to
}

/** Says what is redirected, and where to; no secrets. */
export function describeRedirect({ method, status, from, location }: Omit<Redirect, 'origin'>): string {
  const to = URL.canParse(location, from.href) ? describeUrl(new URL(location, from.href).href) : location
  return `${method} ${describeUrl(from.href)} was redirected (${status}) to ${to.slice(0, 300)}`
}

function refused(status: number, message: string): StreamDBError {
  return new StreamDBError('redirect-refused', message, { status })
}

function allows(allowed: AllowedOrigin, url: URL): boolean {
  if (typeof allowed === 'string') return new URL(allowed).origin === url.origin
  if (typeof allowed === 'function') return allowed(new URL(url.href))
  // A global or sticky pattern would go on where it left off.
  allowed.lastIndex = 0
  return allowed.test(url.origin)
}
