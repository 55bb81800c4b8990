import { openStream, resolveUrl, withParams } from '@streamdb/log'
import type { CreateStreamDBOptions } from '@streamdb/db'

type StreamOptions = NonNullable<CreateStreamDBOptions['streamOptions']>

/** Where a request goes, and with which credentials. */
export interface OwnRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether it goes to the stream's own server. */
  readonly isOwn: boolean
}

/**
 * Resolves with a URL and headers for a request to what a row names: with the headers and parameters of the stream where it lies on
 * the stream's own server, without them elsewhere. Rows are others' data: credentials go to no other server.
 */
export async function toOwnRequest(url: string, streamOptions: StreamOptions): Promise<OwnRequest> {
  const target = new URL(url, resolveUrl(streamOptions.url))
  const isOwn = target.origin === new URL(resolveUrl(streamOptions.url)).origin
  if (!isOwn) return { url: target.href, headers: {}, isOwn }
  const headers = await openStream(streamOptions).stream.resolveHeaders()
  return { url: await withParams(target, streamOptions), headers, isOwn }
}
