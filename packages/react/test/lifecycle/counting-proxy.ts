import { createServer, request as startRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A read as it came. */
export interface Read {
  readonly offset: string | null
  readonly live: string | null
  /** Whether the answer is not complete, and the reader still connected. */
  readonly open: boolean
}

/** A proxy in front of a stream server that sees which reads are open. */
export interface CountingProxy {
  /** Every read that came, in order. */
  readonly reads: readonly Read[]
  /** Leads a URL of the server through the proxy. */
  through(url: string): string
  /** Keeps the reads that come from now on waiting, until the function that it returns is called. */
  hold(): () => void
  close(): void
}

/** Starts a proxy in front of the server at `target`. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const reads: Read[] = []
  let gate: Promise<void> = Promise.resolve()

  const server = createServer((request, response) => {
    const passed = request.method === 'GET' ? gate : Promise.resolve()
    if (request.method === 'GET') reads.push(readOf(request, response))
    void passed.then(() => passOn(request, response, target))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a TCP server
  return {
    reads,
    through: (url) => `http://127.0.0.1:${port}${new URL(url).pathname}`,
    hold() {
      let release = (): void => undefined
      gate = new Promise((resolve) => (release = resolve))
      return release
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function readOf(request: IncomingMessage, response: ServerResponse): Read {
  const { searchParams } = new URL(request.url ?? '/', 'http://proxy')
  const read = { offset: searchParams.get('offset'), live: searchParams.get('live'), open: true }
  response.on('close', () => (read.open = false))
  return read
}

/** Passes a request on, and the answer back as it comes; never throws. */
function passOn(request: IncomingMessage, response: ServerResponse, target: string): void {
  // The reader left while it was kept waiting.
  if (response.destroyed) return
  const { method, headers, url = '/' } = request
  const behind = startRequest(new URL(url, target), { method, headers, agent: false })
  behind.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  behind.on('error', () => response.destroy())
  response.on('close', () => behind.destroy())
  request.pipe(behind)
}
