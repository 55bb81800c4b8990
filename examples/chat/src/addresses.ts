/** Returns the origin at which a stream is read and written. */
export type OriginOf = (name: string) => string

/**
 * Chooses the origin of each stream: a host name per stream where this machine is the server.
 *
 * A browser opens at most six HTTP/1.1 connections to a host, for all tabs together. The tabs of one person share one a
 * room; with several rooms and people in one browser there would be none left. Names that end in `.localhost` all lead
 * to this machine, and each has six. Elsewhere the remedy is a server that speaks HTTP/2, which needs a certificate.
 */
export async function chooseOrigins({ protocol, hostname, port, origin }: Location): Promise<OriginOf> {
  const isLocal = protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(hostname)
  const own = (name: string) => `http://${name}.localhost${port === '' ? '' : `:${port}`}`
  return isLocal && (await responds(own('chat'))) ? own : () => origin
}

/** Not every system resolves these names. */
async function responds(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/chat.json`, { signal: AbortSignal.timeout(10_000) })).ok
  } catch {
    return false
  }
}
