import { startEmbedded } from './embedded-server.ts'
import { externalServer, openExternalServer } from './external-server.ts'
import type { ServerProcess, StreamServerOptions } from './server-process.ts'

/** The initial state of a stream: its content type (default JSON) and items. */
export interface CreateStreamOptions {
  readonly contentType?: string | undefined
  readonly items?: readonly unknown[] | undefined
}

/** A real stream server on loopback, without faults between it and its clients. */
export interface StreamServer extends ServerProcess {
  /** Creates a stream and returns its URL; by default `path` is a new one. */
  createStream(path?: string, options?: CreateStreamOptions): Promise<string>
  /** Appends the items in one POST, which is atomic, and returns the offset after them. */
  appendItems(url: string, items: readonly unknown[]): Promise<string>
  /** Marks the stream as complete: readers see its end. */
  closeStream(url: string): Promise<void>
  deleteStream(url: string): Promise<void>
}

/**
 * Starts the reference server, `@durable-streams/server`, on loopback.
 *
 * Where the environment has `STREAMDB_SERVER_URL`, nothing is started: the streams are made on the server of that URL, under
 * names of their own, and `url` is a port before it. `stop()` closes that port; `restart()` restarts the server by
 * `STREAMDB_SERVER_CONTROL`, where that is set.
 */
export async function startStreamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const external = externalServer()
  const running =
    external === undefined ? await startEmbedded(options) : await openExternalServer(external, options)
  let streams = 0

  return {
    url: running.url,
    get server() {
      return running.server
    },
    async createStream(path = `/stream-${++streams}`, { contentType = 'application/json', items = [] } = {}) {
      const streamUrl = new URL(path, running.url).href
      await send('PUT', streamUrl, { headers: { 'content-type': contentType } })
      if (items.length > 0) await append(streamUrl, items)
      return streamUrl
    },
    appendItems: append,
    closeStream: async (streamUrl) =>
      void (await send('POST', streamUrl, { headers: { 'Stream-Closed': 'true' } })),
    deleteStream: async (streamUrl) => void (await send('DELETE', streamUrl)),
    stop: () => running.stop(),
    restart: (again) => running.restart(again),
  }
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
