import { DurableStream } from '@durable-streams/client'
import type { DurableStreamOptions } from '@durable-streams/client'
import { createRequests } from '../http.ts'
import { resolveUrl } from '../describe-url.ts'
import type { Requests } from '../requests.ts'

/** How the streams beside a log are requested. */
export interface SnapshotRequestsOptions {
  /** The log's handle. */
  readonly stream: DurableStream
  /** What `stream` was made of; absent for a handle of the application. */
  readonly streamOptions?: DurableStreamOptions | undefined
}

/** Returns the requests on a stream beside a log: its index, or a snapshot. */
export type RequestsOn = (url: string) => Requests

/**
 * Returns what requests the streams beside a log.
 *
 * Headers, parameters and the query of the log's URL may be credentials: they go to the log's own origin alone.
 */
export function createSnapshotRequests({ stream, streamOptions }: SnapshotRequestsOptions): RequestsOn {
  const log = new URL(resolveUrl(stream.url))
  return (url) => {
    const target = new URL(url)
    if (target.origin !== log.origin) {
      const { fetch } = streamOptions ?? {}
      const bare = { url: target.href, ...(fetch && { fetch }), warnOnHttp: false }
      return createRequests(new DurableStream(bare), bare)
    }
    for (const [name, value] of log.searchParams) {
      if (!target.searchParams.has(name)) target.searchParams.set(name, value)
    }
    const own = { ...(streamOptions ?? optionsOf(stream)), url: target.href, warnOnHttp: false }
    // The third: headers that the application's `onError` returned go with these requests as well.
    return createRequests(new DurableStream(own), own, streamOptions ?? own)
  }
}

/** A handle does not give out its options: its headers are resolved anew for each request. */
function optionsOf(stream: DurableStream): Omit<DurableStreamOptions, 'url'> {
  return {
    fetch: async (input, init) => {
      const headers = {
        ...(await stream.resolveHeaders()),
        ...Object.fromEntries(new Headers(init?.headers)),
      }
      return globalThis.fetch(input, { ...init, headers })
    },
  }
}
