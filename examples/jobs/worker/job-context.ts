import type { Job, JobResult, LogLine, Progress } from '../src/state.ts'

/** What a job is given to work with. */
export interface JobContext {
  readonly job: Job
  /** The real path of the file or folder, which is allowed. */
  readonly path: string
  /** The folder for what a job writes. */
  readonly output: string
  /** Aborts when the job is cancelled, or its lease is lost. */
  readonly signal: AbortSignal
  readonly report: (progress: Progress) => void
  readonly log: (level: LogLine['level'], text: string) => void
  /** Waits between two files for as long as the pool was told to, so that people can watch; rejects when the job ends. */
  pause(): Promise<void>
}

/** What came of a job. */
export interface JobOutcome {
  readonly result: JobResult
  /** The name of the file that it wrote. */
  readonly output?: string | undefined
}

/** Does the work of one kind of job. What it throws is the job's error. */
export type RunJob = (context: JobContext) => Promise<JobOutcome>
