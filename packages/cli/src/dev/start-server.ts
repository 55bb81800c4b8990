import { Server } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerByInspector } from './inspector-mount.ts'
import type { Inspector } from './inspector-mount.ts'
import { toListenError } from './listen.ts'

/** How the embedded server is started. */
export interface ServerOptions {
  readonly port: number
  readonly host: string
  /** Absent: streams are kept in memory. */
  readonly dataDir?: string | undefined
  readonly inspector: Inspector
}

/** A running stream server. */
export interface RunningServer {
  readonly url: string
  /** Cuts the connections and stops. */
  stop(): Promise<void>
}

/** Starts a stream server with the inspector on it. Throws `port-in-use`. */
export async function startServer({ inspector, ...options }: ServerOptions): Promise<RunningServer> {
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
  mount(http, inspector)
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

function mount(http: Server, inspector: Inspector): void {
  // What the stream server listens with.
  const answers = http.listeners('request') as ((
    message: IncomingMessage,
    response: ServerResponse,
  ) => void)[]
  http.removeAllListeners('request')
  http.on('request', (message, response) => {
    void answerByInspector(inspector, message, response).then(
      (isAnswered) => {
        if (!isAnswered) for (const answer of answers) answer(message, response)
      },
      (error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
        response.end(error instanceof Error ? error.message : String(error))
      },
    )
  })
}
