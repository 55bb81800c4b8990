import type { ChangeEvent } from '@streamdb/state'
import { isFinished, state } from '../src/state.ts'
import type { Job, Request } from '../src/state.ts'
import type { Board } from './board.ts'

/** What the keeper does, in one append. */
export interface Decision {
  /** The producer of a job, whose next epoch this begins; or that of a request which nothing is done about. */
  readonly producer: string
  readonly epoch: number
  readonly events: readonly ChangeEvent[]
}

export interface DecideOptions {
  readonly now: number
  /** Tells whether a lease was heard of lately: of the job, by this fence. */
  readonly isAlive: (job: Job) => boolean
  /** So many finished jobs are kept; older ones are removed with their logs. */
  readonly keep: number
  /** A job whose worker was lost so often has failed. */
  readonly maxLost: number
}

/** Decides what is to be done with jobs on which no worker works: what users ask for, lost leases, old jobs. */
export function decide(
  board: Pick<Board, 'jobs' | 'requests' | 'requestsOf' | 'logsOf'>,
  options: DecideOptions,
): Decision[] {
  const { jobs } = board
  const old = new Set(
    jobs
      .filter(isFinished)
      .sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
      .slice(options.keep),
  )
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const pointless = board.requests.filter((request) => isPointless(request, byId.get(request.job)))
  return [
    ...jobs.flatMap((job): readonly Decision[] => {
      const requests = board.requestsOf(job.id)
      const events = old.has(job) ? remove(board, job, requests) : decideOne(board, job, requests, options)
      return events === undefined ? [] : [{ producer: `job-${job.id}`, epoch: job.fence + 1, events }]
    }),
    ...pointless.map(({ id }) => {
      return { producer: `request-${id}`, epoch: 0, events: [state.requests.delete({ key: id })] }
    }),
  ]
}

/** Tells whether nothing is to be done about a request: what it asks for has happened, or its job is gone. */
function isPointless({ action }: Request, job: Job | undefined): boolean {
  if (job === undefined) return true
  return action === 'retry' ? !isFinished(job) : action === 'cancel' && isFinished(job)
}

function decideOne(
  board: Pick<Board, 'logsOf'>,
  job: Job,
  requests: readonly Request[],
  { now, isAlive, maxLost }: DecideOptions,
): readonly ChangeEvent[] | undefined {
  const asks = new Set(requests.map(({ action }) => action))
  const handled = requests.map(({ id }) => state.requests.delete({ key: id }))
  const next: Job = { ...job, fence: job.fence + 1 }
  switch (job.state) {
    case 'queued':
      if (asks.has('cancel') || asks.has('remove'))
        return [cancelled(next, now), line(next, now, 'Cancelled'), ...handled]
      return undefined
    case 'running': {
      if (isAlive(job)) return undefined
      const silent = `Worker ${job.worker ?? ''} is silent: its lease has ended`
      if (asks.has('cancel'))
        return [cancelled(next, now), line(next, now, `${silent}. Cancelled`), ...handled]
      const lost = job.lost + 1
      if (lost >= maxLost) {
        const error = { message: `Its worker was lost ${lost} times` }
        return [
          state.jobs.upsert({ value: { ...next, ...ended(now), state: 'failed', lost, error } }),
          ...[line(next, now, silent), ...handled],
        ]
      }
      return [
        state.jobs.upsert({ value: { ...waiting(next), lost } }),
        ...[line(next, now, `${silent}. The job is queued again`), ...handled],
      ]
    }
    case 'done':
    case 'failed':
    case 'cancelled':
      if (asks.has('remove')) return remove(board, job, requests)
      if (asks.has('retry')) {
        return [
          state.jobs.upsert({ value: { ...waiting(next), lost: 0 } }),
          line(next, now, 'Retried'),
          ...handled,
        ]
      }
      return undefined
  }
}

function remove(
  board: Pick<Board, 'logsOf'>,
  job: Job,
  requests: readonly Request[],
): readonly ChangeEvent[] {
  return [
    state.jobs.delete({ key: job.id }),
    ...board.logsOf(job.id).map(({ id }) => state.logs.delete({ key: id })),
    ...requests.map(({ id }) => state.requests.delete({ key: id })),
  ]
}

/** A job that waits for a worker again: nothing is left of its last attempt but its logs. */
function waiting({
  worker: _w,
  holder: _h,
  startedAt: _s,
  endedAt: _e,
  duration: _d,
  minute: _m,
  ...job
}: Job): Job {
  const { progress: _p, result: _r, output: _o, error: _x, ...rest } = job
  return { ...rest, state: 'queued' }
}

function cancelled(job: Job, now: number): ChangeEvent {
  return state.jobs.upsert({ value: { ...job, ...ended(now), state: 'cancelled' } })
}

function ended(now: number): Pick<Job, 'endedAt' | 'minute'> {
  return { endedAt: now, minute: Math.floor(now / 60_000) }
}

function line({ id: job, fence }: Job, at: number, text: string): ChangeEvent {
  const value = {
    id: `${job}/${fence}.k`,
    job,
    at,
    place: fence * 1_000_000,
    level: 'warning' as const,
    text,
  }
  return state.logs.upsert({ value })
}
