import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobContext, JobOutcome } from '../job-context.ts'
import { walk } from '../walk.ts'

/** So many files are in the job's row; all are in its output. */
const listed = 100

/** Hashes every file of a tree with SHA-256, and the list of all hashes. The output is what `sha256sum --check` reads. */
export async function hashTree(context: JobContext): Promise<JobOutcome> {
  const { job, path, output, signal, report, log } = context
  const files = await walk(path, job.everything === true, signal)
  const total = files.reduce((sum, file) => sum + file.bytes, 0)
  log('info', `${files.length} files, ${total} bytes`)
  const hashed: { path: string; sha256: string; bytes: number }[] = []
  let done = 0
  for (const file of files) {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of await readFile(file.path, signal)) {
      hash.update(chunk)
      bytes += chunk.length
      report({ done: Math.min(total, done + bytes), total, unit: 'bytes', note: file.name })
    }
    done += file.bytes
    hashed.push({ path: file.name, sha256: hash.digest('hex'), bytes })
    await context.pause()
  }
  const lines = hashed.map((file) => `${file.sha256}  ${file.path}\n`).join('')
  const name = `${job.id}.sha256`
  await writeFile(join(output, `${name}.part`), lines)
  await rename(join(output, `${name}.part`), join(output, name))
  const sha256 = createHash('sha256').update(lines).digest('hex')
  const bytes = hashed.reduce((sum, file) => sum + file.bytes, 0)
  const result = {
    kind: 'hash',
    sha256,
    files: hashed.length,
    bytes,
    first: hashed.slice(0, listed),
  } as const
  return { result, output: name }
}

/** Opens a file for reading; refuses a symbolic link that has taken its place since the walk. */
export async function readFile(path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  return file.createReadStream({ signal, highWaterMark: 256 * 1024 })
}
