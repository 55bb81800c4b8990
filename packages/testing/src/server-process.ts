import type { DurableStreamTestServer } from '@durable-streams/server'

/** Options of a stream server for tests. */
export interface StreamServerOptions {
  /** Keeps the streams in files there, so that they outlive a restart. */
  readonly dataDir?: string | undefined
  /** A free port unless told. */
  readonly port?: number | undefined
  /** How long a long-poll waits before its 204, in milliseconds. Default 30,000. */
  readonly longPollTimeout?: number | undefined
  /** Whether subscriptions may call webhooks. */
  readonly webhooks?: boolean | undefined
}

/** A stream server as something that runs. */
export interface ServerProcess {
  /** Its origin: the same one after a restart. */
  readonly url: string
  /**
   * The running reference server, for `injectFault` and `store`: another object after a restart. Throws where the server is
   * that of `STREAMDB_SERVER_URL`, which runs elsewhere.
   */
  readonly server: DurableStreamTestServer
  /** Stops at once: connections of live readers are cut. Idempotent. */
  stop(): Promise<void>
  /**
   * Restarts on the same port, after a stop if it runs. Streams of a `dataDir` are kept; without one they are lost, unless
   * `keepStreams` copies them.
   */
  restart(options?: { readonly keepStreams?: boolean | undefined }): Promise<void>
}
