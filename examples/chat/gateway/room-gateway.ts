// The write gateway of the rooms: built into one file by the server, which is JavaScript, as StreamDB is TypeScript here.

import { createStreamHandler } from '@streamdb/server'
import type { StreamHandler } from '@streamdb/server'
import { state } from '../src/state.ts'
import { authorizeRoom } from './room-policy.ts'
import type { User } from './room-policy.ts'

export interface RoomGatewayOptions {
  /** Where the rooms are: `http://streams/stream/rooms/`. */
  readonly upstream: string
  /** Reaches the stream server. */
  readonly fetch: typeof globalThis.fetch
  /** Says whose token the value of a header `Authorization` is. */
  readonly verify: (authorization: string | null) => User | undefined
  /** The largest body, and the rows of a room together, in bytes. */
  readonly limits: { readonly bodyBytes: number; readonly streamBytes: number }
  readonly onError: (error: unknown) => void
}

/** Returns what answers requests for rooms: everybody who is signed in reads them, and writes in their own name. */
export function createRoomGateway({
  upstream,
  fetch,
  verify,
  limits,
  onError,
}: RoomGatewayOptions): StreamHandler {
  return createStreamHandler({
    state,
    path: '/stream/rooms/',
    upstream: { url: upstream, fetch },
    authenticate: ({ headers }) => verify(headers.get('authorization')),
    authorize: authorizeRoom,
    limits,
    onError,
  })
}
