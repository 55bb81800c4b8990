import { createWriteStream } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'
import type { JobContext, JobOutcome } from '../job-context.ts'
import { readFile } from './hash-tree.ts'

/** Compresses a file with gzip or brotli into the folder of outputs. A part that was written is removed again. */
export async function compressFile(context: JobContext): Promise<JobOutcome> {
  const { job, path, output, signal, report, log } = context
  const { size: total } = await lstat(path)
  const brotli = job.format === 'brotli'
  const name = `${job.id}.${basename(path)}${brotli ? '.br' : '.gz'}`
  const part = join(output, `${job.id}.${job.fence}.part`)
  log('info', `${basename(path)}, ${total} bytes, ${brotli ? 'brotli' : 'gzip'}`)
  let done = 0
  let compressed = 0
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length
      report({ done: Math.min(done, total), total, unit: 'bytes' })
      context.pause().then(
        () => next(undefined, chunk),
        (error: unknown) => next(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      compressed += chunk.length
      next(undefined, chunk)
    },
  })
  const packer = brotli
    ? createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
    : createGzip({ level: 9 })
  try {
    // A folder is refused here, by the system.
    await pipeline(await readFile(path, signal), meter, packer, counter, createWriteStream(part), { signal })
    await rename(part, join(output, name))
  } finally {
    await rm(part, { force: true })
  }
  return { result: { kind: 'compress', bytes: done, compressed }, output: name }
}
