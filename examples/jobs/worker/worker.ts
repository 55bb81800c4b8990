import { readState } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { state } from '../src/state.ts'
import type { Job, WorkerRow } from '../src/state.ts'
import { Board } from './board.ts'
import { Fenced, FencedWriter, openSender } from './fenced-writer.ts'
import type { StreamAccess } from './fenced-writer.ts'
import { Reporter } from './reporter.ts'
import { runJob } from './run-job.ts'
import type { Workshop } from './run-job.ts'

export interface WorkerOptions extends StreamAccess, Workshop {
  readonly id: string
  /** Milliseconds between two heartbeats of a lease. */
  readonly beat: number
  readonly signal: AbortSignal
}

/** What a worker does. */
type Activity =
  | { readonly name: 'idle' }
  | { readonly name: 'claiming'; readonly job: string; readonly lease: FencedWriter }
  | { readonly name: 'running'; readonly job: string; readonly fence: number; readonly stop: AbortController }

/** An idle worker says that it is there so often, in milliseconds. */
const idleBeat = 15_000

/** Claims jobs of the stream, one after the other, and does them, until `signal` aborts. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { url, fetch, signal } = options
  const worker = new Worker(options)
  try {
    for await (const read of readState({ url, fetch, state, live: 'sse', snapshots: true, signal })) {
      worker.board.apply(read)
      if (read.type === 'checkpoint' && read.upToDate) worker.act()
    }
  } finally {
    worker.stop()
  }
}

class Worker {
  readonly board = new Board()
  readonly #options: WorkerOptions
  readonly #sender
  readonly #own: FencedWriter
  #activity: Activity = { name: 'idle' }
  #done = 0
  #note: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
    const { id, signal } = options
    this.#sender = openSender(options, signal)
    this.#own = new FencedWriter(
      this.#sender,
      { id: `worker-${id}-${crypto.randomUUID()}`, epoch: 0 },
      signal,
    )
    this.#beat()
  }

  /** Does what the rows ask for. */
  act(): void {
    const activity = this.#activity
    switch (activity.name) {
      case 'idle': {
        const job = this.board.jobs.find((each) => each.state === 'queued')
        if (job !== undefined) this.#claim(job)
        return
      }
      case 'claiming': {
        const job = this.board.job(activity.job)
        // Not back yet. Whatever begins the epoch decides: this claim, that of another worker, or the keeper.
        if (job !== undefined && job.fence < activity.lease.epoch) return
        this.#activity = { name: 'idle' }
        const isMine =
          job?.fence === activity.lease.epoch && job.holder === this.#own.id && job.state === 'running'
        if (isMine) void this.#run(job, activity.lease)
        else this.act()
        return
      }
      case 'running':
        if (this.board.requestsOf(activity.job).some(({ action }) => action === 'cancel')) {
          activity.stop.abort(new Cancelled())
        }
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    if (this.#activity.name === 'running') this.#activity.stop.abort(this.#options.signal.reason)
  }

  #claim(job: Job): void {
    const fence = job.fence + 1
    const lease = new FencedWriter(this.#sender, { id: `job-${job.id}`, epoch: fence }, this.#options.signal)
    this.#activity = { name: 'claiming', job: job.id, lease }
    const {
      endedAt: _,
      duration: _d,
      minute: _m,
      result: _r,
      output: _o,
      error: _e,
      progress: _p,
      ...rest
    } = job
    const claimed: Job = {
      ...{ ...rest, state: 'running', fence, attempt: job.attempt + 1 },
      ...{ worker: this.#options.id, holder: this.#own.id, startedAt: Date.now() },
    }
    lease.append([state.jobs.upsert({ value: claimed })]).catch((error: unknown) => {
      // Somebody was faster by more than one step, or the stream cannot be written: the next news begin again.
      if (this.#activity.name === 'claiming') this.#activity = { name: 'idle' }
      this.#note = messageOf(error)
    })
  }

  async #run(job: Job, lease: FencedWriter): Promise<void> {
    const stop = new AbortController()
    this.#activity = { name: 'running', job: job.id, fence: job.fence, stop }
    this.#beat()
    const reporter = new Reporter(job, lease, (error) => stop.abort(error))
    reporter.log('info', `Attempt ${job.attempt}, by ${this.#options.id}, process ${process.pid}`)
    let last: Job
    try {
      const { result, output } = await runJob(job, reporter, this.#options, stop.signal)
      const endedAt = Date.now()
      last = {
        ...{
          ...reporter.job,
          state: 'done',
          result,
          ...ending(endedAt),
          ...(output !== undefined && { output }),
        },
        duration: endedAt - (job.startedAt ?? endedAt),
      }
      reporter.log('info', 'Done')
    } catch (error) {
      const reason: unknown = stop.signal.aborted ? stop.signal.reason : error
      last = { ...reporter.job, ...ending(Date.now()), ...failure(reason) }
      if (reason instanceof Cancelled) reporter.log('warning', 'Cancelled')
      else reporter.log('error', messageOf(reason))
      if (reason instanceof Fenced) this.#note = `Refused: the lease on ${job.id} had ended`
    }
    await this.#finish(last, reporter)
    this.#activity = { name: 'idle' }
    this.#beat()
    this.act()
  }

  /** Writes how a job has ended, unless its lease has. */
  async #finish(last: Job, reporter: Reporter): Promise<void> {
    const handled = this.board.requestsOf(last.id).filter(({ action }) => action === 'cancel')
    try {
      await reporter.end(
        last,
        handled.map(({ id }): ChangeEvent => state.requests.delete({ key: id })),
      )
      if (last.state === 'done') this.#done++
    } catch (error) {
      if (error instanceof Fenced) this.#note = `Refused: the lease on ${last.id} had ended`
      else if (!this.#options.signal.aborted) this.#note = messageOf(error)
    }
  }

  /** Says that this worker is there, and which lease it holds; again and again. */
  #beat(): void {
    clearTimeout(this.#timer)
    const { id, beat, signal } = this.#options
    if (signal.aborted) return
    const { name } = this.#activity
    const lease =
      this.#activity.name === 'running' ? { job: this.#activity.job, fence: this.#activity.fence } : {}
    const value: WorkerRow = {
      ...{ id, pid: process.pid, state: name === 'running' ? 'busy' : 'idle', ...lease, beatAt: Date.now() },
      ...{ done: this.#done, ...(this.#note !== undefined && { note: this.#note }) },
    }
    this.#own.append([state.workers.upsert({ value })]).catch(() => undefined) // The next one says it.
    this.#timer = setTimeout(() => this.#beat(), name === 'running' ? beat : idleBeat)
  }
}

/** A user asked for it. */
class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

function ending(endedAt: number): Pick<Job, 'endedAt' | 'minute'> {
  return { endedAt, minute: Math.floor(endedAt / 60_000) }
}

function failure(reason: unknown): Pick<Job, 'state' | 'error'> {
  if (reason instanceof Cancelled) return { state: 'cancelled' }
  const stack = reason instanceof Error ? reason.stack : undefined
  return { state: 'failed', error: { message: messageOf(reason), ...(stack !== undefined && { stack }) } }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
