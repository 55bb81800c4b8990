import { setTimeout as sleep } from 'node:timers/promises'
import type { JobKind, Job } from '../src/state.ts'
import { allowedPath } from './allowed-path.ts'
import type { JobOutcome, RunJob } from './job-context.ts'
import { compressFile } from './kinds/compress-file.ts'
import { countWords } from './kinds/count-words.ts'
import { hashTree } from './kinds/hash-tree.ts'
import { throwOnce } from './kinds/throw-once.ts'
import type { Reporter } from './reporter.ts'

const kinds: Readonly<Record<JobKind, RunJob>> = {
  hash: hashTree,
  words: countWords,
  compress: compressFile,
  fault: throwOnce,
}

/** What jobs may work on, and how. */
export interface Workshop {
  /** The folders below which jobs may work. */
  readonly roots: readonly string[]
  /** The folder for what jobs write. */
  readonly output: string
  /** Milliseconds to wait between two files, so that people can watch. */
  readonly pace: number
}

/** Does the work of a job; rejects with what it throws, and with the signal's reason. */
export async function runJob(
  job: Job,
  reporter: Reporter,
  { roots, output, pace }: Workshop,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const path = await allowedPath(roots, job.path)
  const { report, log } = reporter
  const outcome = await kinds[job.kind]({
    ...{ job, path, output, signal, report, log },
    async pause() {
      signal.throwIfAborted()
      if (pace > 0) await sleep(pace, undefined, { signal })
    },
  })
  signal.throwIfAborted()
  return outcome
}
