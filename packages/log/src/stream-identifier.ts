import type { DurableStream, DurableStreamOptions } from '@durable-streams/client'
import type { Batch } from './batch-source.ts'
import { fingerprint } from './fingerprint.ts'
import { createRequests } from './http.ts'
import { HttpError } from './http-error.ts'
import { isBefore, isPlausibleOffset } from './offsets.ts'
import { readPage } from './read-page.ts'
import type { Requests } from './requests.ts'
import type { StreamIdentifier } from './stream-storage.ts'
import type { StreamIdentity } from './stream-store.ts'

/** Returns what tells a Durable Stream from another one under its URL. */
export function createStreamIdentifier(
  stream: DurableStream,
  streamOptions: DurableStreamOptions | undefined,
): StreamIdentifier {
  return identifyBy(createRequests(stream, streamOptions))
}

/** The same by the requests of a stream. */
export function identifyBy(requests: Pick<Requests, 'read' | 'findId' | 'url' | 'href'>): StreamIdentifier {
  return {
    findId: (signal) => requests.findId(signal),
    anchorOf,
    async check({ id, anchor }: StreamIdentity, signal) {
      const found = id === undefined || id === '' ? undefined : await requests.findId(signal)
      if (found !== undefined) return found === id ? 'same' : 'other'
      return anchor === undefined || (await hasItem(requests, anchor, signal)) ? 'same' : 'other'
    },
  }
}

/**
 * Returns an offset of a batch with the item behind it: as near to its end as the server's stamps tell, as a page is read
 * from there when it is checked; otherwise where the response begins.
 */
function anchorOf({ from, first, items }: Batch): StreamIdentity['anchor'] {
  const last = stampOf(items.at(-1))
  if (last !== undefined && isPlausibleOffset(last)) {
    // The events of one append share a stamp.
    for (let index = items.length - 2; index >= 0; index--) {
      const stamp = stampOf(items[index])
      if (stamp === last) continue
      if (stamp === undefined || stamp.length !== last.length || !isBefore(from, stamp)) break
      return { offset: stamp, item: fingerprint(items[index + 1]) }
    }
  }
  return first === 0 && items.length > 0 ? { offset: from, item: fingerprint(items[0]) } : undefined
}

/** Returns the offset that a server stamps on an item, of which nothing is known. */
function stampOf(item: unknown): string | undefined {
  const stamp = (item as { headers?: { offset?: unknown } | null } | null | undefined)?.headers?.offset // as just said
  return typeof stamp === 'string' ? stamp : undefined
}

/** Tells whether a stream has an item behind an offset; of a page only the first of it is read. */
async function hasItem(
  requests: Pick<Requests, 'read' | 'url' | 'href'>,
  { offset, item }: NonNullable<StreamIdentity['anchor']>,
  signal: AbortSignal,
): Promise<boolean> {
  let isThere = false
  const request = { requests, position: { offset }, isLongPoll: false, signal, onActivity: () => undefined }
  try {
    await readPage(request, ({ items }) => {
      if (items.length === 0) return Promise.resolve('continue')
      isThere = fingerprint(items[0]) === item
      return Promise.resolve('stop')
    })
  } catch (error) {
    // Not an offset of the stream any more: whoever reads it hears the same, and knows what to do.
    if (error instanceof HttpError && [400, 404, 410, 416].includes(error.status)) return true
    throw error
  }
  return isThere
}
