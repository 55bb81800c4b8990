/** How this window reaches the server. */
export interface OwnNetwork {
  /** Sends requests to streams. */
  readonly fetch: typeof globalThis.fetch
  /** The server of documents. */
  readonly documents: string
}

/**
 * Returns a network that sends what is read for long to host names of its own, where this machine is the server.
 *
 * A browser opens at most six HTTP/1.1 connections to a host, for all tabs together, and a window reads that many streams.
 * Names that end in `.localhost` all lead to this machine, and each has six. Elsewhere the remedy is a server that speaks
 * HTTP/2, which needs a certificate. Addresses in the rows stay those of the page: the names are of this window alone.
 */
export async function createNetwork({ protocol, hostname, port, origin }: Location): Promise<OwnNetwork> {
  const window = crypto.randomUUID().slice(0, 8)
  const own = (name: string) => `http://${name}-${window}.localhost${port === '' ? '' : `:${port}`}`
  const isLocal = protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(hostname)
  const hasNames = isLocal && (await responds(own('agents')))
  const hostOf = (name: string) => (hasNames ? own(name) : origin)
  return {
    documents: `${hostOf('documents')}/v1/yjs/sessions`,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input, origin)
      const target = `${hostOf(nameOf(url.pathname))}${url.pathname}${url.search}`
      return fetch(input instanceof Request ? new Request(target, input) : target, init)
    },
  }
}

/** One name for what is always read, and one for what belongs to the session that is open. */
function nameOf(path: string): string {
  return /^\/stream\/(directory|processes)$/.test(path) ? 'lists' : 'session'
}

/** Not every system resolves these names. Without a network it is as it was before. */
async function responds(origin: string): Promise<boolean> {
  const key = 'streamdb-agents-names'
  try {
    const { ok } = await fetch(`${origin}/agents.json`, { signal: AbortSignal.timeout(10_000) })
    localStorage.setItem(key, String(ok))
    return ok
  } catch {
    return localStorage.getItem(key) === 'true'
  }
}
