import { isIP } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'

const privateAddress = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)/

/**
 * Says why a request to a server of this machine is refused for where it comes from; `undefined` when it is accepted.
 *
 * - `Host` must be `localhost`, a name below it, or an address: any other name may be led here by a DNS server, and its pages
 *   would count as this server's own.
 * - `Origin`, where there is one, must be a page of this machine or of its network, or one of `allowed`. `null` stands for
 *   a page without an origin, which every site can make.
 */
export function refuseCaller(
  { host, origin }: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
  allowed: readonly string[] = [],
): string | undefined {
  const called = hostnameOf(`http://${host ?? ''}`)
  const names = allowed.map((each) => hostnameOf(each))
  if (called === undefined || !(isLocalName(called) || isIP(called) !== 0 || names.includes(called))) {
    return `The Host header names another machine than this one: ${host ?? 'none'}`
  }
  if (origin === undefined || allowed.includes(origin) || origin === `http://${host}`) return undefined
  const from = hostnameOf(origin)
  if (from !== undefined && (isLocalName(from) || from === '::1' || privateAddress.test(addressIn(from)))) {
    return undefined
  }
  return `Pages of ${origin} may not use this server: allow it with --allow-origin ${origin}`
}

/** In lower case, without the brackets of an IPv6 address. */
function hostnameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname, username, password, pathname } = new URL(url)
  if (username !== '' || password !== '' || !/^\/?$/.test(pathname)) return undefined
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost')
}

/** A name such as `10.example.com` is no address. */
function addressIn(hostname: string): string {
  return isIP(hostname) === 4 ? hostname : ''
}
