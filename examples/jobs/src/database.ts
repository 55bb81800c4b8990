import { createStreamDB } from '@streamdb/react'
import { state } from './state.ts'
import type { Job, Request } from './state.ts'

/** The database of the jobs. */
export type Database = ReturnType<typeof openDatabase>

/** What a user fills in to start a job. */
export type NewJob = Pick<Job, 'kind' | 'path' | 'format' | 'everything'>

/** Opens the database whose stream is at `url`; it starts to read when a query or `preload` needs it. */
export function openDatabase(url: string) {
  return createStreamDB({
    // The server is on this machine.
    streamOptions: { url, contentType: 'application/json', warnOnHttp: false },
    state,
    live: 'sse',
    snapshots: true,
    retry: { initialDelay: 250, maxDelay: 5_000 },
    actions: ({ db: { collections } }) => ({
      /** Starts a job: it is in the list at once, and a worker claims it when the stream has it. */
      start: {
        onMutate: ({ kind, path, format, everything }: NewJob) => {
          collections.jobs.insert({
            ...{ id: crypto.randomUUID(), kind, path, createdAt: Date.now(), state: 'queued' },
            ...(format !== undefined && { format }),
            ...(everything !== undefined && { everything }),
            ...{ fence: 0, attempt: 0, lost: 0 },
          })
        },
      },
      /**
       * Asks for something to be done with a job. The job's row is left alone: whoever holds the lease writes it, and a row
       * that a page had read before would take back what was written since.
       */
      ask: {
        onMutate: ({ job, action }: Pick<Request, 'job' | 'action'>) => {
          collections.requests.insert({ id: crypto.randomUUID(), job, action, at: Date.now() })
        },
      },
    }),
  })
}
