/** Sends a request of this window. */
export type Fetch = typeof globalThis.fetch

/**
 * Returns a `fetch` that sends each stream's requests to a host name of their own, where this machine is the server.
 *
 * A browser opens at most six HTTP/1.1 connections to a host, for all tabs together, and a window reads that many streams.
 * Names that end in `.localhost` all lead to this machine, and each has six. Elsewhere the remedy is a server that speaks
 * HTTP/2, which needs a certificate. Addresses in the rows stay those of the page: the names are of this window alone.
 */
export async function createFetch({ protocol, hostname, port, origin }: Location): Promise<Fetch> {
  const window = crypto.randomUUID().slice(0, 8)
  const own = (name: string) => `http://${name}-${window}.localhost${port === '' ? '' : `:${port}`}`
  const isLocal = protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(hostname)
  const hasNames = isLocal && (await responds(own('agents')))
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, origin)
    const host = hasNames ? own(nameOf(url.pathname)) : origin
    const target = `${host}${url.pathname}${url.search}`
    return fetch(input instanceof Request ? new Request(target, input) : target, init)
  }
}

/** One name for what is always read, and one for what belongs to the session that is open. */
function nameOf(path: string): string {
  return /^\/stream\/(directory|processes)$/.test(path) ? 'lists' : 'session'
}

/** Not every system resolves these names. */
async function responds(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/agents.json`, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}
