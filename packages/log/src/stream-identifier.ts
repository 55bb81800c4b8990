import type { DurableStream, DurableStreamOptions } from '@durable-streams/client'
import { anchorOf, checkAnchor } from './anchor.ts'
import { createRequests } from './http.ts'
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
      const [found, check] = await Promise.all([
        id === undefined || id === '' ? undefined : requests.findId(signal),
        anchor && checkAnchor(requests, anchor, signal),
      ])
      if (found !== undefined && found !== id) return 'other'
      // The same stream, put back to an older copy and written on, keeps its id. A replica may lag behind.
      const isOther = check?.type === 'other' || (check?.type === 'nothing' && found === undefined)
      return isOther ? 'other' : 'same'
    },
  }
}
