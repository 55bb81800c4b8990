import { avg, count, createLiveQueryCollection, eq, max } from '@streamdb/react'
import type { Database } from './database.ts'

/** Kept while the page is open, whether it is drawn or not. */
const kept = { startSync: true, gcTime: 0 }

/** Creates the live queries that the page draws, which starts to read the stream. */
export function createViews({ jobs, workers, requests }: Database['collections']) {
  return {
    /** All jobs, newest first. */
    jobs: createLiveQueryCollection({
      ...kept,
      query: (q) =>
        q
          .from({ job: jobs })
          .orderBy(({ job }) => job.createdAt, 'desc')
          .orderBy(({ job }) => job.id),
    }),
    workers: createLiveQueryCollection({ ...kept, query: (q) => q.from({ worker: workers }) }),
    requests: createLiveQueryCollection({ ...kept, query: (q) => q.from({ request: requests }) }),
    /** How many jobs are in each state. */
    byState: createLiveQueryCollection({
      ...kept,
      query: (q) =>
        q
          .from({ job: jobs })
          .groupBy(({ job }) => job.state)
          .select(({ job }) => ({ state: job.state, jobs: count(job.id) })),
      getKey: ({ state }) => state,
    }),
    /** How long jobs of each kind take. */
    byKind: createLiveQueryCollection({
      ...kept,
      query: (q) =>
        q
          .from({ job: jobs })
          .where(({ job }) => eq(job.state, 'done'))
          .groupBy(({ job }) => job.kind)
          .select(({ job }) => ({
            kind: job.kind,
            jobs: count(job.id),
            mean: avg(job.duration),
            longest: max(job.duration),
          })),
      getKey: ({ kind }) => kind,
    }),
    /** How many jobs were done in each minute. */
    byMinute: createLiveQueryCollection({
      ...kept,
      query: (q) =>
        q
          .from({ job: jobs })
          .where(({ job }) => eq(job.state, 'done'))
          .groupBy(({ job }) => job.minute)
          .select(({ job }) => ({ minute: job.minute, jobs: count(job.id) })),
      getKey: ({ minute }) => minute ?? 0,
    }),
  }
}
