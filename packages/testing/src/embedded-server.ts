import { Server } from 'node:http'
import { DurableStreamTestServer } from '@durable-streams/server'
import type { ServerProcess, StreamServerOptions } from './server-process.ts'

/** Starts the reference server in this process. */
export async function startEmbedded(options: StreamServerOptions): Promise<ServerProcess> {
  let server = newServer(options, options.port ?? 0)
  const url = await server.start()
  const port = Number(new URL(url).port)
  let stopping: Promise<void> | undefined

  function stop(): Promise<void> {
    return (stopping ??= stopNow(server))
  }

  return {
    url,
    get server() {
      return server
    },
    stop,
    async restart({ keepStreams = false } = {}) {
      await stop()
      const { store } = server
      server = newServer(options, port)
      // The reference server takes no store. Files are read anew; memory is what is handed on.
      if (keepStreams && options.dataDir === undefined) Reflect.set(server, 'store', store)
      await server.start()
      stopping = undefined
    },
  }
}

function newServer(
  { dataDir, longPollTimeout, webhooks }: StreamServerOptions,
  port: number,
): DurableStreamTestServer {
  return new DurableStreamTestServer({
    port,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(longPollTimeout === undefined ? {} : { longPollTimeout }),
    ...(webhooks === undefined ? {} : { webhooks }),
  })
}

/**
 * Stops a server that may have live readers.
 *
 * `server.stop()` waits for every connection to end, and a long-poll reader polls again on its kept-alive one, for
 * ever. So the connections are closed as soon as `stop()` has stopped listening.
 */
async function stopNow(server: DurableStreamTestServer): Promise<void> {
  // A private field: the server gives no other way to its sockets. When it is renamed, this says so instead of hanging.
  const http: unknown = Reflect.get(server, 'server')
  if (!(http instanceof Server))
    throw new Error('The reference server no longer keeps its http.Server in `server`')
  const stopped = server.stop()
  http.closeAllConnections()
  await stopped
}
