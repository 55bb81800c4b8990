import type { Socket } from 'node:net'
import type { ProxiedRequest } from './fault.ts'

const END_OF_HEAD = '\r\n\r\n'

/** The head of an HTTP/1.1 message, and the bytes that came with it. */
export interface HttpHead {
  readonly startLine: string
  readonly headers: ReadonlyMap<string, string>
  /** The head again, changed to close the connection after this message: one request a connection. */
  readonly closing: Buffer
  /** What had arrived of the body. */
  readonly rest: Buffer
}

/** Reads the head of the next message and leaves the socket paused; `undefined` when the socket closes first. */
export function readHead(socket: Socket): Promise<HttpHead | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    function onData(chunk: Buffer): void {
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf(END_OF_HEAD)
      if (end === -1) return
      socket.off('data', onData).pause()
      resolve(parseHead(bytes.toString('latin1', 0, end), bytes.subarray(end + END_OF_HEAD.length)))
    }
    socket.on('data', onData)
    socket.once('close', () => resolve(undefined))
  })
}

/** Names the parts of a request by its head. */
export function toRequest({ startLine, headers }: HttpHead): ProxiedRequest {
  const [method = '', target = '/'] = startLine.split(' ')
  return {
    line: startLine,
    method,
    url: new URL(target, `http://${headers.get('host') ?? 'localhost'}`),
    headers,
  }
}

function parseHead(text: string, rest: Buffer): HttpHead {
  const [startLine = '', ...lines] = text.split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  const kept = lines.filter((line) => !/^(connection|keep-alive):/i.test(line))
  const closing = [startLine, ...kept, 'Connection: close'].join('\r\n') + END_OF_HEAD
  return { startLine, headers, closing: Buffer.from(closing, 'latin1'), rest }
}
