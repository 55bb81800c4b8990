/** Returns the origin at which a stream is read and written. */
export type OriginOf = (name: string) => string

/**
 * Returns where to ask for streams: each under a host name of its own, where this machine is the server.
 *
 * A browser opens six HTTP/1.1 connections to a host, for all tabs together, and every room that is read keeps one: the
 * third tab would wait for ever. Names that end in `.localhost` are all this machine, and each has six. Elsewhere the
 * answer is a server that speaks HTTP/2, which needs a certificate.
 */
export async function chooseOrigins({ protocol, hostname, port, origin }: Location): Promise<OriginOf> {
  const local = protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(hostname)
  const tab = crypto.randomUUID().slice(0, 8)
  const own = (name: string) => `http://${name}-${tab}.localhost:${port}`
  return local && (await answers(own('chat'))) ? own : () => origin
}

/** Not every system knows these names. */
async function answers(origin: string): Promise<boolean> {
  try {
    await fetch(`${origin}/chat.json`, { mode: 'no-cors', signal: AbortSignal.timeout(2_000) })
    return true
  } catch {
    return false
  }
}
