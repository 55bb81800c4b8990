import { createStreamDB } from '@streamdb/react'
import { state } from './state.ts'

/** The database of the changes. */
export type Database = ReturnType<typeof openDatabase>

/** Opens the database whose stream is at `url`; it starts to read when a query or `preload` needs it. */
export function openDatabase(url: string) {
  return createStreamDB({
    // The server is on this machine.
    streamOptions: { url, contentType: 'application/json', warnOnHttp: false },
    state,
    live: 'sse',
    // The newest changes, and not all that was before them.
    snapshots: true,
    retry: { initialDelay: 250, maxDelay: 5_000 },
  })
}
