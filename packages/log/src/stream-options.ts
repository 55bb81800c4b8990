import { DurableStream } from '@durable-streams/client'
import type { DurableStreamOptions } from '@durable-streams/client'
import { defaultTimes } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import { shareHeaders } from './credentials.ts'
import { resolveUrl } from './describe-url.ts'
import { followRedirects } from './follow-redirects.ts'
import type { RedirectOptions } from './redirects.ts'

/** A stream's handle, and the options that it was made of. */
export interface OpenedStream {
  readonly stream: DurableStream
  /** With header functions that run one at a time, for reading and writing alike. */
  readonly streamOptions: DurableStreamOptions
}

/**
 * Returns the handle of a stream; sends nothing. A relative URL is resolved against the page's location. `redirects`: which
 * ones are followed, beside those to the same origin.
 *
 * Throws `invalid-options` for a URL that cannot be used, and for `redirects` that are none.
 */
export function openStream(
  { redirects, ...options }: DurableStreamOptions & { readonly redirects?: RedirectOptions | undefined },
  times: ReaderTimes = defaultTimes,
): OpenedStream {
  const url = resolveUrl(options.url)
  const fetch = followRedirects({ ...redirects, fetch: options.fetch })
  const streamOptions = shareHeaders({ ...options, url, fetch }, times.connectTimeout)
  // Appends are JSON whatever the server says of the stream's type before the first read.
  return { stream: new DurableStream({ contentType: 'application/json', ...streamOptions }), streamOptions }
}
