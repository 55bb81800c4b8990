import type { DurableStream, DurableStreamOptions, LiveMode } from '@durable-streams/client'
import { defaultTimes } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import type { BatchSource } from './batch-source.ts'
import { createRequests } from './http.ts'
import { createReader } from './reader.ts'

/** What to do where there is no stream: fail, wait for it as for a server that cannot be reached, or create it. */
export type OnMissing = 'fail' | 'wait' | 'create'

/** How a stream is read over HTTP. */
export interface HttpSourceOptions {
  readonly stream: DurableStream
  /** What `stream` was made of; absent for a handle of the application, which keeps its own fetch and headers. */
  readonly streamOptions?: DurableStreamOptions | undefined
  /** How to follow the stream once it is read: as `createStreamDB` has it. Default `true`. */
  readonly live?: LiveMode | undefined
  readonly times?: ReaderTimes | undefined
  /** Default `'fail'`. */
  readonly onMissing?: OnMissing | undefined
  /**
   * How large an event may be, in characters of JSON; 8 Mi by default. A larger one is not parsed, as that would hold
   * the event loop: a `TooLargeItem` stands in its place.
   */
  readonly maxEventSize?: number | undefined
}

/** Returns a source that reads a Durable Stream: pages first, then SSE or long-polls. */
export function createHttpSource(options: HttpSourceOptions): BatchSource {
  const { stream, streamOptions, live = true, times = defaultTimes, onMissing = 'fail' } = options
  const requests = createRequests(stream, streamOptions)
  return createReader({ requests, live, times, onMissing, maxEventSize: options.maxEventSize })
}
