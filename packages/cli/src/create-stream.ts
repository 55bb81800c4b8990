import { describeUrl } from '@streamdb/log'
import { CliError } from './cli-error.ts'
import type { Location } from './options.ts'
import { request } from './request.ts'

/** How a stream is made. */
export interface NewStream {
  readonly contentType?: string | undefined
  /** Seconds without a reader or writer after which the server may delete it. */
  readonly ttl?: number | undefined
  /** When the server may delete it: a time in RFC 3339. */
  readonly expiresAt?: string | undefined
  /** A stream of the same server that it begins as, and up to where. */
  readonly fork?: { readonly path: string; readonly offset?: string | undefined } | undefined
}

/** Makes a stream; says whether it was there already, with the same settings. Throws `stream-exists` where with others. */
export async function createStream(
  location: Location,
  options: NewStream,
  signal: AbortSignal,
): Promise<{ readonly created: boolean; readonly offset: string | undefined }> {
  const { contentType = 'application/json', ttl, expiresAt, fork } = options
  const response = await request(location, {
    method: 'PUT',
    headers: {
      ...(fork === undefined && { 'content-type': contentType }),
      ...(ttl !== undefined && { 'Stream-TTL': String(ttl) }),
      ...(expiresAt !== undefined && { 'Stream-Expires-At': expiresAt }),
      ...(fork !== undefined && { 'Stream-Forked-From': fork.path }),
      ...(fork?.offset !== undefined && { 'Stream-Fork-Offset': fork.offset }),
    },
    accept: [409],
    signal,
  })
  if (response.status === 409) {
    const words = (await response.text()).slice(0, 300)
    throw new CliError(
      'stream-exists',
      `The stream ${describeUrl(location.url)} exists with other settings: ${words}`,
      {
        remedy: 'Use it as it is, or choose another path',
      },
    )
  }
  await response.arrayBuffer()
  return { created: response.status === 201, offset: response.headers.get('stream-next-offset') ?? undefined }
}
