import { once } from 'node:events'
import { connect } from 'node:net'

/** An answer as it came over the socket. */
export interface RawAnswer {
  /** 0 when the server closed the connection without an answer. */
  readonly status: number
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/**
 * Sends bytes that no HTTP client would send, and returns the answer to them.
 *
 * `lines` are joined with CRLF; `Connection: close` is added, so that the answer ends.
 */
export async function rawRequest(url: string, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  // A server may close while the request is still being sent: the reset that follows is an error of the socket, and no
  // fault. `once` would reject with it.
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write([...lines, 'Connection: close', '', body].join('\r\n'))
  await closed
  const text = Buffer.concat(chunks).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...rest] = text.slice(0, end === -1 ? text.length : end).split('\r\n')
  const headers = new Map(
    rest.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: end === -1 ? '' : text.slice(end + 4) }
}

/** Returns the value of a `Host` header for `url`. */
export function hostOf(url: string): string {
  return new URL(url).host
}
