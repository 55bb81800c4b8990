import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { readHead } from './http-head.ts'
import type { HttpHead } from './http-head.ts'

/** A port before a server that many share: each request goes on with its path changed, and nothing else of it. */
export interface MappedFront {
  readonly url: string
  /** Opens the port, again after `close()` at the same place. */
  open(): Promise<void>
  /** Closes the port and cuts every connection. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens a port on loopback before the server at `target`.
 *
 * It carries bytes, and understands heads alone: one request a connection. A path in `Stream-Forked-From`
 * is changed as well.
 */
export async function openMappedFront(
  target: URL,
  mapPath: (path: string) => string,
  wanted: number = 0,
): Promise<MappedFront> {
  const connections = new Set<Socket>()
  let port = wanted
  const server = createServer((client) => {
    connections.add(client)
    client.on('error', ignore).once('close', () => connections.delete(client))
    void carry(client, target, mapPath)
  })

  async function open(): Promise<void> {
    if (server.listening) return
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
    // A server on a TCP port has an address of this shape.
    port = (server.address() as AddressInfo).port
  }
  await open()

  return {
    url: `http://127.0.0.1:${port}`,
    open,
    async close() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const connection of connections) connection.resetAndDestroy()
      await closed
    },
  }
}

async function carry(client: Socket, target: URL, mapPath: (path: string) => string): Promise<void> {
  const head = await readHead(client)
  if (head === undefined) return
  const upstream = connect(Number(target.port || 80), target.hostname)
  let ended = false
  upstream
    .on('error', ignore)
    .once('end', () => (ended = true))
    // A server that is killed resets its connections: so does the front.
    .once('close', () => void (ended || client.destroyed || client.resetAndDestroy()))
  client.once('close', () => upstream.destroy())
  upstream.write(Buffer.concat([mapHead(head, target, mapPath), head.rest]))
  client.pipe(upstream, { end: false })
  // An answer that keeps the connection would have the client's next request go on as it is, with its path not changed.
  const answer = await readHead(upstream)
  if (answer === undefined) return
  client.write(Buffer.concat([answer.closing, answer.rest]))
  upstream.pipe(client)
}

function mapHead({ closing }: HttpHead, target: URL, mapPath: (path: string) => string): Buffer {
  const text = closing
    .toString('latin1')
    .replace(/^(\S+) ([^\s?]*)/, (_, method: string, path: string) => `${method} ${mapPath(path)}`)
    .replace(/^(stream-forked-from: *)(\S+)/im, (_, name: string, path: string) => name + mapPath(path))
    .replace(/^host: .*$/im, `Host: ${target.host}`)
  return Buffer.from(text, 'latin1')
}

function ignore(): void {}
