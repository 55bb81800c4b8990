import type { JobContext, JobOutcome } from '../job-context.ts'
import { walk } from '../walk.ts'

/** Walks a tree, and throws half way at the first attempt: for trying out failures and retries. */
export async function throwOnce(context: JobContext): Promise<JobOutcome> {
  const { job, path, signal, report } = context
  const files = await walk(path, job.everything === true, signal)
  for (const [index, file] of files.entries()) {
    if (job.attempt === 1 && index >= files.length / 2) {
      throw new RangeError(`A fault on purpose, at ${file.name}. It happens at the first attempt only.`)
    }
    report({ done: index + 1, total: files.length, unit: 'files', note: file.name })
    await context.pause()
  }
  return { result: { kind: 'fault', files: files.length } }
}
