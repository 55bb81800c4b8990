import { readState, StreamDBError } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { onTestFinished } from 'vitest'
import { state } from '../src/state.ts'
import type { Job, Request } from '../src/state.ts'
import { Board } from '../worker/board.ts'

/** A stream of jobs, as a page has it: reads on, and appends jobs and requests. */
export class JobStream {
  readonly url: string
  readonly board = new Board()
  readonly #waiting = new Set<() => void>()

  constructor(url: string) {
    this.url = url
    const ending = new AbortController()
    onTestFinished(() => ending.abort())
    void this.#read(ending.signal)
  }

  /** Resolves with what `find` returns, when that is no longer undefined or false. */
  async until<Value>(find: (board: Board) => Value | undefined | false): Promise<Value> {
    for (;;) {
      const found = find(this.board)
      if (found !== undefined && found !== false) return found
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** Resolves with a job's row as soon as it is as `matches` says. */
  async job(id: string, matches: (job: Job) => boolean): Promise<Job> {
    return this.until(() => {
      const job = this.board.job(id)
      return job !== undefined && matches(job) ? job : undefined
    })
  }

  async start(...jobs: readonly (Partial<Job> & Pick<Job, 'id'>)[]): Promise<void> {
    await this.append(jobs.map((each) => state.jobs.insert({ value: newJob(each) })))
  }

  async ask(job: string, action: Request['action']): Promise<void> {
    await this.append([
      state.requests.insert({ value: { id: crypto.randomUUID(), job, action, at: Date.now() } }),
    ])
  }

  async append(events: readonly ChangeEvent[]): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const { status } = await fetch(this.url, { method: 'POST', headers, body: JSON.stringify(events) })
    if (status >= 300) throw new Error(`The append was answered ${status}`)
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      for await (const read of readState({ url: this.url, state, live: 'sse', signal })) {
        this.board.apply(read)
        const waiting = [...this.#waiting]
        this.#waiting.clear()
        for (const resume of waiting) resume()
      }
    } catch (error) {
      // A stream that was replaced is deleted: some servers say so at once.
      if (error instanceof StreamDBError && error.code === 'stream-not-found') return
      if (!signal.aborted) throw error
    }
  }
}

/** A job that waits for a worker. */
export function newJob(job: Partial<Job> & Pick<Job, 'id'>): Job {
  const queued = { state: 'queued', fence: 0, attempt: 0, lost: 0 } as const
  return { kind: 'words', path: '.', createdAt: Date.now(), ...queued, ...job }
}
