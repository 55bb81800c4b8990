import type { IncomingMessage } from 'node:http'

/** The limits for discarding the rest of a body: bytes and milliseconds. */
const most = 16 * 1024 * 1024
const longest = 10_000

/**
 * Reads on what is left of a request that was answered: a client that still sends would see its connection break, and not the
 * answer. Only so much: then the connection goes.
 */
export function drain(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return
  let size = 0
  const timer = setTimeout(() => incoming.destroy(), longest)
  timer.unref()
  incoming.on('data', (chunk: Uint8Array) => {
    size += chunk.byteLength
    if (size > most) incoming.destroy()
  })
  incoming.once('close', () => clearTimeout(timer))
  incoming.on('error', () => undefined)
  incoming.resume()
}
