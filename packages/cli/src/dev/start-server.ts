import { Server } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerByInspector } from './inspector-mount.ts'
import type { Inspector } from './inspector-mount.ts'
import { isLoopback, toListenError } from './listen.ts'
import { refuseCaller } from './refuse-caller.ts'

/** How the embedded server is started. */
export interface ServerOptions {
  readonly port: number
  readonly host: string
  /** Absent: streams are kept in memory. */
  readonly dataDir?: string | undefined
  readonly inspector: Inspector
  /** Origins whose pages may use a server of this machine, beside those of this machine and its network. */
  readonly allowedOrigins?: readonly string[] | undefined
}

/** A running stream server. */
export interface RunningServer {
  readonly url: string
  /** Cuts the connections and stops. */
  stop(): Promise<void>
}

/** Starts a stream server with the inspector on it. Throws `port-in-use`. */
export async function startServer({
  inspector,
  allowedOrigins,
  ...options
}: ServerOptions): Promise<RunningServer> {
  // Loaded here: the other commands start without it.
  const { DurableStreamTestServer } = await import('@durable-streams/server')
  // It tells its recovery to the console, and has no option for that: standard output is this program's alone.
  Object.assign(console, { info: () => undefined })
  const { port, host, dataDir } = options
  const server = new DurableStreamTestServer({ port, host, ...(dataDir !== undefined && { dataDir }) })
  const url = await server.start().catch((cause: NodeJS.ErrnoException) => {
    throw toListenError(cause, port, host)
  })
  const http = httpServerOf(server)
  // Slow heads and bodies end; answers may take as long as they like, as live reads do.
  Object.assign(http, { headersTimeout: 10_000, requestTimeout: 60_000 })
  mount(http, inspector, (message) =>
    isLoopback(host) ? refuseCaller(message.headers, allowedOrigins) : undefined,
  )
  return {
    url,
    async stop() {
      const stopped = server.stop()
      // Readers poll again on their connections for ever.
      http.closeAllConnections()
      await stopped
    },
  }
}

/** A private field: the server gives no other way to its connections. When it is renamed, this says so. */
function httpServerOf(server: object): Server {
  const http: unknown = Reflect.get(server, 'server')
  if (isHttpServer(http)) return http
  throw new Error('The stream server no longer keeps its http.Server in `server`')
}

function isHttpServer(value: unknown): value is Server {
  return value instanceof Server
}

/** What users stored is never a page: it has no origin, and runs nothing. */
const inertPolicy = "default-src 'none'; sandbox"

function mount(
  http: Server,
  inspector: Inspector,
  refuse: (message: IncomingMessage) => string | undefined,
): void {
  // What the stream server listens with.
  const answers = http.listeners('request') as ((
    message: IncomingMessage,
    response: ServerResponse,
  ) => void)[]
  http.removeAllListeners('request')
  http.on('request', (message, response) => {
    const refusal = refuse(message)
    if (refusal !== undefined) {
      response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' }).end(`${refusal}\n`)
      return
    }
    void answerByInspector(inspector, message, response).then(
      (isAnswered) => {
        if (isAnswered) return
        response.setHeader('content-security-policy', inertPolicy)
        for (const answer of answers) answer(message, response)
      },
      (error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
        response.end(error instanceof Error ? error.message : String(error))
      },
    )
  })
}
