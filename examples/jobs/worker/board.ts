import type { StateRead } from '@streamdb/log'
import { isChangeEvent, MaterializedState } from '@streamdb/state'
import type { Job, LogLine, Request, WorkerRow } from '../src/state.ts'

/** The rows of the stream, as a worker or the keeper has read them. */
export class Board {
  readonly #state = new MaterializedState()

  /** Takes in what was read; returns the changed row where it tells that its writer is alive. */
  apply(read: StateRead): Job | WorkerRow | undefined {
    if (read.type === 'restart') this.#state.clear()
    if (read.type !== 'event') return undefined
    this.#state.apply(read.event)
    if (!isChangeEvent(read.event) || read.event.value === undefined) return undefined
    const { type, key } = read.event
    return type === 'job' ? this.job(key) : type === 'worker' ? this.worker(key) : undefined
  }

  job(id: string): Job | undefined {
    return this.#rows<Job>('job').get(id)
  }

  worker(id: string): WorkerRow | undefined {
    return this.#rows<WorkerRow>('worker').get(id)
  }

  /** All jobs, oldest first. */
  get jobs(): Job[] {
    return [...this.#rows<Job>('job').values()].sort(
      (a, b) => a.createdAt - b.createdAt || compare(a.id, b.id),
    )
  }

  get requests(): Request[] {
    return [...this.#rows<Request>('request').values()]
  }

  requestsOf(job: string): Request[] {
    return this.requests.filter((request) => request.job === job)
  }

  logsOf(job: string): LogLine[] {
    return [...this.#rows<LogLine>('log').values()].filter((line) => line.job === job)
  }

  #rows<Row>(type: string): ReadonlyMap<string, Row> {
    // Rows come validated: the reader is given the schemas, and leaves out what they refuse.
    return this.#state.getType(type) as ReadonlyMap<string, Row>
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
