/** Names of this machine. Browsers resolve every name below `localhost` to it themselves, so no DNS server can. */
const ownHostname = /^(?:127\.0\.0\.1|localhost|[a-z0-9-]{1,63}\.localhost)$/

/**
 * Says why a request is refused for where it comes from; undefined when it is accepted.
 *
 * - `Host` must name this machine: a name that a DNS server rebinds to 127.0.0.1 is another one.
 * - `Origin`, where there is one, must be a page of this server, under any of its names, at the same port.
 * - Where there is none, `Sec-Fetch-Site` must not say that another site's page embeds the answer (an image, a script); a
 *   link to a page of this server may be followed from anywhere.
 * @param {Pick<import('node:http').IncomingMessage, 'headersDistinct'>} request
 * @returns {{ readonly status: number, readonly text: string } | undefined}
 */
export function refuseCaller({ headersDistinct }) {
  const { host, origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headersDistinct
  const called = host?.length === 1 ? parseAuthority(host[0]) : undefined
  if (called === undefined)
    return { status: 403, text: 'The Host header names another machine than this one.' }
  const foreign = { status: 403, text: 'Only pages of this server may send requests to it.' }
  if (origin === undefined) {
    const isOwn = site === undefined || (site.length === 1 && /^(?:same-origin|none)$/.test(site[0] ?? ''))
    return isOwn || mode?.join() === 'navigate' ? undefined : foreign
  }
  const from = origin.length === 1 ? parseOrigin(origin[0]) : undefined
  return from?.port === called.port ? undefined : foreign
}

/**
 * Returns the port of a `Host` header that names this machine; undefined for any other.
 * @param {string | undefined} authority
 */
export function parseAuthority(authority = '') {
  const [, hostname = '', port = '80'] = /^([^:@/\\]*)(?::(\d{1,5}))?$/.exec(authority.toLowerCase()) ?? []
  return ownHostname.test(hostname) ? { port: Number(port) } : undefined
}

/** @param {string | undefined} origin */
function parseOrigin(origin = '') {
  return origin.startsWith('http://') ? parseAuthority(origin.slice('http://'.length)) : undefined
}
