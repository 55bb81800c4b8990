import { Server } from 'node:http'
import { DurableStreamTestServer } from '@durable-streams/server'

export interface StreamServerOptions {
  /** Keeps the streams in files there, so that they outlive a restart. */
  readonly dataDir?: string | undefined
  /** A free port unless told. */
  readonly port?: number | undefined
  /** How long a long-poll waits before its 204, in milliseconds: 30000 unless told. */
  readonly longPollTimeout?: number | undefined
  /** Whether subscriptions may call webhooks. */
  readonly webhooks?: boolean | undefined
}

export interface CreateStreamOptions {
  readonly contentType?: string | undefined
  readonly items?: readonly unknown[] | undefined
}

/** A real stream server on loopback, without faults between it and its clients. */
export interface StreamServer {
  /** Its origin: the same one after a restart. */
  readonly url: string
  /** The running reference server, for `injectFault` and `store`: another object after a restart. */
  readonly server: DurableStreamTestServer
  /** Creates a stream and returns its URL; `path` is a fresh one unless told. */
  createStream(path?: string, options?: CreateStreamOptions): Promise<string>
  /** Appends the items in one POST, which is atomic, and returns the offset after them. */
  appendItems(url: string, items: readonly unknown[]): Promise<string>
  /** Marks the stream as complete: readers see its end. */
  closeStream(url: string): Promise<void>
  deleteStream(url: string): Promise<void>
  /** Stops at once: connections of live readers are cut. Idempotent. */
  stop(): Promise<void>
  /**
   * Starts again on the same port, after a stop if it runs. Streams of a `dataDir` are there again; without one they are
   * gone, as memory is, unless `keepStreams` takes them along.
   */
  restart(options?: { readonly keepStreams?: boolean | undefined }): Promise<void>
}

/** Starts the reference server, `@durable-streams/server`, on loopback. */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  let server = newServer(options, options.port ?? 0)
  const url = await server.start()
  const port = Number(new URL(url).port)
  let stopping: Promise<void> | undefined
  let streams = 0

  function stop(): Promise<void> {
    return (stopping ??= stopNow(server))
  }

  return {
    url,
    get server() {
      return server
    },
    async createStream(path = `/stream-${++streams}`, { contentType = 'application/json', items = [] } = {}) {
      const streamUrl = new URL(path, url).href
      await send('PUT', streamUrl, { headers: { 'content-type': contentType } })
      if (items.length > 0) await append(streamUrl, items)
      return streamUrl
    },
    appendItems: append,
    closeStream: async (streamUrl) =>
      void (await send('POST', streamUrl, { headers: { 'Stream-Closed': 'true' } })),
    deleteStream: async (streamUrl) => void (await send('DELETE', streamUrl)),
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

async function append(streamUrl: string, items: readonly unknown[]): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await send('POST', streamUrl, { headers, body: JSON.stringify(items) })
  return response.headers.get('Stream-Next-Offset') ?? ''
}

async function send(
  method: string,
  url: string,
  init: { headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  // A kept-alive connection would be a dead one after a restart, and a POST on it is not tried again.
  const headers = { ...init.headers, connection: 'close' }
  const response = await fetch(url, { ...init, method, headers })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`)
  return response
}
