import { createStreamDB } from '@streamdb/react'
import type { CreateStreamDBOptions } from '@streamdb/react'
import { state } from './state.ts'

/** The database of a repository's history. */
export type Database = ReturnType<typeof openDatabase>

/** Opens the database whose log is at `url`; it starts to read when a query or `preload` needs it. */
export function openDatabase(url: string, onBatch: CreateStreamDBOptions<typeof state>['onBatch']) {
  return createStreamDB({
    // The server is on this machine, and the page opens one connection.
    streamOptions: { url, contentType: 'application/json', warnOnHttp: false },
    state,
    live: 'sse',
    // A large repository has tens of thousands of files; the page shows those of the commit that is open.
    syncMode: { files: 'on-demand' },
    onBatch,
  })
}
