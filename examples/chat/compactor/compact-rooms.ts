// Compacts the rooms: built into one file by the server, which is JavaScript, as StreamDB is TypeScript here.

import { createCompactor } from '@streamdb/server'

export interface CompactRoomsOptions {
  /** The addresses of the rooms' streams. */
  readonly urls: readonly string[]
  /** Reaches the stream server behind the page's, which lets no page write snapshots. */
  readonly fetch: typeof globalThis.fetch
  /** How many milliseconds lie between two looks at a room. */
  readonly every: number
  readonly onError: (error: Error) => void
}

/** Writes a snapshot of a room where a thousand events were appended since the last one; returns what ends that. */
export function compactRooms({ urls, fetch, every, onError }: CompactRoomsOptions): () => Promise<void> {
  const compactors = urls.map((url) =>
    createCompactor({ source: { url, fetch }, every, minEvents: 1_000, keep: 2, onError }),
  )
  return async () => {
    await Promise.all(compactors.map((compactor) => compactor.close()))
  }
}
