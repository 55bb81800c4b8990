import type { ChangeEvent, StateEvent } from '@streamdb/state'
import { itemsOf } from './items-of.ts'
import { startFaultProxy } from './fault-proxy.ts'
import type { ProxiedRequest } from './fault.ts'
import { faultsOf } from './faults.ts'
import type { Faults } from './faults.ts'
import { startStreamServer } from './stream-server.ts'
import type { StreamServerOptions } from './server-process.ts'

/** What a new stream of a test server begins with. */
export interface CreateOptions {
  /** Its first events, in one append. */
  readonly events?: readonly unknown[] | undefined
  /** Default `application/json`. */
  readonly contentType?: string | undefined
}

/**
 * A real stream server on loopback, behind a network with scripted faults.
 *
 * A stream is named by a path (`todos`, `rooms/1`) or by its URL. Clients use `url(name)`, which is subject to `faults`; the
 * methods here use the server directly, so that a test can append while its client is offline.
 */
export interface TestServer {
  /** Returns the URL of a stream for clients, existing or not; a restart does not change it. */
  url(stream: string): string
  /** Creates a stream and returns its URL for clients. One that exists is left as it is. */
  create(stream: string, options?: CreateOptions): Promise<string>
  /** Appends one event, or several as one atomic append; returns the offset behind them. */
  append(stream: string, events: StateEvent | readonly StateEvent[]): Promise<string>
  /** Returns everything that the stream holds, in order. */
  events<Event = ChangeEvent>(stream: string): Promise<Event[]>
  /** Marks the stream as complete: readers see its end, and no write is taken any more. */
  close(stream: string): Promise<void>
  /** Deletes the stream: its URL answers 404. */
  delete(stream: string): Promise<void>
  readonly faults: Faults
  /** Every request of a client, in order, those that a fault swallowed too. */
  readonly requests: readonly ProxiedRequest[]
  /** How many connections of clients are open now. */
  readonly connections: number
  /** Stops at once: every connection is cut, and every port is closed, so that the process can end. May be called again. */
  stop(): Promise<void>
  /**
   * Restarts with the same URLs, after a stop if it runs. The streams are kept; with `empty` they are lost, as on a server
   * without persistence.
   */
  restart(options?: { readonly empty?: boolean | undefined }): Promise<void>
}

/**
 * Starts the reference server of Durable Streams, `@durable-streams/server`, in memory. Node only.
 *
 * With `dataDir` it keeps the streams in files. It rejects where no port is free. Call `stop()` when the test is over.
 *
 * @example
 * ```ts
 * const server = await startTestServer()
 * const url = await server.create('todos', { events: [state.users.insert({ value: { id: '1', name: 'Ada' } })] })
 * const db = createStreamDB({ streamOptions: { url }, state })
 * await db.preload()
 * db.close()
 * await server.stop()
 * ```
 */
export async function startTestServer(options: Omit<StreamServerOptions, 'port'> = {}): Promise<TestServer> {
  const server = await startStreamServer(options)
  const proxy = await startFaultProxy(server.url)
  // A name may begin with a slash or not, and may be the URL that a client has.
  const pathOf = (stream: string): string => new URL(stream, `${proxy.url}/`).pathname
  const urlOf = (stream: string): string => proxy.url + pathOf(stream)
  const ownUrlOf = (stream: string): string => server.url + pathOf(stream)

  return {
    url: urlOf,
    async create(stream, { events, contentType } = {}) {
      await server.createStream(pathOf(stream), { items: events, contentType })
      return urlOf(stream)
    },
    append: (stream, events) =>
      server.appendItems(ownUrlOf(stream), Array.isArray(events) ? events : [events]),
    async events<Event>(stream: string) {
      const response = await fetch(`${ownUrlOf(stream)}?offset=-1`, { headers: { connection: 'close' } })
      return itemsOf<Event>(response)
    },
    close: (stream) => server.closeStream(ownUrlOf(stream)),
    delete: (stream) => server.deleteStream(ownUrlOf(stream)),
    faults: faultsOf(proxy),
    requests: proxy.requests,
    get connections() {
      return proxy.connections
    },
    async stop() {
      await proxy.close()
      await server.stop()
    },
    async restart({ empty = false } = {}) {
      await proxy.refuse()
      await server.restart({ keepStreams: !empty })
      await proxy.heal()
    },
  }
}
