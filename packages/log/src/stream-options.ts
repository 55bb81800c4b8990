import { DurableStream } from '@durable-streams/client'
import type { DurableStreamOptions } from '@durable-streams/client'
import { defaultTimes } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import { shareHeaders } from './credentials.ts'
import { resolveUrl } from './describe-url.ts'

/** A stream's handle, and the options that it was made of. */
export interface OpenedStream {
  readonly stream: DurableStream
  /** With header functions that run one at a time, for reading and writing alike. */
  readonly streamOptions: DurableStreamOptions
}

/**
 * Returns the handle of a stream; sends nothing. A relative URL is resolved against the page's location.
 *
 * Throws `invalid-options` for a URL that cannot be used.
 */
export function openStream(options: DurableStreamOptions, times: ReaderTimes = defaultTimes): OpenedStream {
  const url = resolveUrl(options.url)
  const streamOptions = shareHeaders({ ...options, url }, times.connectTimeout)
  // Appends are JSON whatever the server says of the stream's type before the first read.
  return { stream: new DurableStream({ contentType: 'application/json', ...streamOptions }), streamOptions }
}
