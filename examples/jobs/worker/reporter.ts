import type { ChangeEvent } from '@streamdb/state'
import { state } from '../src/state.ts'
import type { Job, LogLine, Progress } from '../src/state.ts'
import type { FencedWriter } from './fenced-writer.ts'

/** Progress and log lines are written at most so often, in milliseconds. */
const period = 200
/** The lines of one lease that are kept; older ones are deleted. */
const maxLines = 200

/** Writes the row and the log lines of a job under a lease; what comes meanwhile goes into one append. */
export class Reporter {
  #job: Job
  readonly #lease: Pick<FencedWriter, 'append'>
  readonly #onError: (error: unknown) => void
  #lines: ChangeEvent[] = []
  #count = 0
  #changed = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending = false

  /** `onError` is told of what keeps an append from being stored; nothing is written after it. */
  constructor(job: Job, lease: Pick<FencedWriter, 'append'>, onError: (error: unknown) => void) {
    this.#job = job
    this.#lease = lease
    this.#onError = onError
  }

  get job(): Job {
    return this.#job
  }

  readonly report = (progress: Progress): void => {
    this.#job = { ...this.#job, progress }
    this.#changed = true
    this.#schedule()
  }

  readonly log = (level: LogLine['level'], text: string): void => {
    const { id: job, fence } = this.#job
    const idOf = (line: number) => `${job}/${fence}.${line}`
    const value = {
      id: idOf(this.#count),
      job,
      at: Date.now(),
      place: fence * 1_000_000 + this.#count,
      level,
    }
    this.#lines.push(state.logs.insert({ value: { ...value, text: text.slice(0, 8_000) } }))
    if (this.#count >= maxLines) this.#lines.push(state.logs.delete({ key: idOf(this.#count - maxLines) }))
    this.#count++
    this.#schedule()
  }

  /** Writes all that is left, with the job's last row and further events, in one append. */
  async end(job: Job, events: readonly ChangeEvent[]): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#changed = false
    const lines = this.#lines
    this.#lines = []
    await this.#lease.append([state.jobs.upsert({ value: job }), ...lines, ...events])
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#sending) return
    this.#timer = setTimeout(() => void this.#flush(), period)
  }

  async #flush(): Promise<void> {
    this.#timer = undefined
    const events = [...(this.#changed ? [state.jobs.upsert({ value: this.#job })] : []), ...this.#lines]
    this.#changed = false
    this.#lines = []
    this.#sending = true
    try {
      await this.#lease.append(events)
    } catch (error) {
      this.#onError(error)
      return
    }
    this.#sending = false
    if (this.#changed || this.#lines.length > 0) this.#schedule()
  }
}
