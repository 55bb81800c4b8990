import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createFaultScript, type CutBy, type Fault, type FaultRule, type ProxiedRequest } from './fault.ts'
import { ProxiedConnection, type ProxyRoute } from './proxied-connection.ts'

/** A TCP proxy with scripted faults in front of a real server. */
export interface FaultProxy {
  /** Its origin: the same one for its whole life. */
  readonly url: string
  /** Every request that came, in order, those that a fault swallowed too. */
  readonly requests: readonly ProxiedRequest[]
  /** How many connections are open now. */
  readonly connections: number
  /** Leads a URL of the server through the proxy. */
  through(url: string): string
  /** Applies a fault to the next request; a rule selects the requests and their number. Returns a function that removes it. */
  fault(fault: Fault, rule?: FaultRule): () => void
  /** Cuts every connection that is open now, and returns how many: a live read, in mid stream. */
  cut(by?: CutBy): number
  /** Lets every connection that is open now fall silent, for ever: a half-dead network. */
  freeze(): void
  /** Closes the port and every connection: a connect is refused until `heal()`. */
  refuse(): Promise<void>
  /** Forgets all faults and opens the port again; what is cut or swallowed stays so. */
  heal(): Promise<void>
  close(): Promise<void>
}

/** Starts a proxy in front of the server at `targetUrl`, which may stop and start behind it. */
export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  const { hostname, port: targetPort } = new URL(targetUrl)
  const script = createFaultScript()
  const requests: ProxiedRequest[] = []
  const open = new Map<Socket, ProxiedConnection>()
  const route: ProxyRoute = {
    host: hostname,
    port: Number(targetPort),
    responses: new Map(),
    faultFor(request) {
      requests.push(request)
      return script.take(request)
    },
  }
  const server = createServer((client) => {
    open.set(client, new ProxiedConnection(client, route))
    client.once('close', () => open.delete(client))
  })
  const port = await listen(server, 0)

  async function refuse(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const ended = [...open.keys()].map(
      (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
    )
    for (const connection of open.values()) connection.cut('rst')
    await Promise.all([closed, ...ended])
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return open.size
    },
    through(url) {
      const { pathname, search } = new URL(url)
      return `http://127.0.0.1:${port}${pathname}${search}`
    },
    fault: (fault, rule) => script.add(fault, rule),
    cut(by = 'fin') {
      const count = open.size
      for (const connection of open.values()) connection.cut(by)
      return count
    },
    freeze() {
      for (const connection of open.values()) connection.freeze()
    },
    refuse,
    async heal() {
      script.clear()
      if (!server.listening) await listen(server, port)
    },
    async close() {
      script.clear()
      await refuse()
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      // A server on a TCP port has an address of this shape.
      resolve((server.address() as AddressInfo).port)
    })
  })
}
