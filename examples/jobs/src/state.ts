import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

/** Milliseconds since the epoch, until the year 9999: every such number is a date that can be formatted. */
const time = z.int().min(0).max(253_402_300_799_999)
/** Becomes the name of a file. */
const id = z.string().regex(/^[\w-]{1,64}$/)
const amount = z.int().min(0)

const result = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hash'),
    /** SHA-256 of the lines `hash  path` of all files, by path. */
    sha256: z.string(),
    files: amount,
    bytes: amount,
    /** The first files, by path; all of them are in the output. */
    first: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: amount })),
  }),
  z.object({
    kind: z.literal('words'),
    files: amount,
    lines: amount,
    words: amount,
    distinct: amount,
    top: z.array(z.object({ word: z.string(), times: amount })),
  }),
  z.object({ kind: z.literal('compress'), bytes: amount, compressed: amount }),
  z.object({ kind: z.literal('fault'), files: amount }),
])

const job = z.object({
  id,
  kind: z.enum(['hash', 'words', 'compress', 'fault']),
  /** Relative to the first allowed folder, or absolute. */
  path: z.string().max(4_096),
  /** For `compress`. */
  format: z.enum(['gzip', 'brotli']).optional(),
  /** Whether folders of dependencies, of git and of output are walked too. */
  everything: z.boolean().optional(),
  createdAt: time,
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  /** The epoch of the producer that may write this job; every claim, loss, retry and cancellation begins the next one. */
  fence: amount,
  /** How often it was started. */
  attempt: amount,
  /** How often its worker was lost since a user asked for it. */
  lost: amount,
  /** Who works on it, or did last. */
  worker: z.string().optional(),
  /** The very process that holds the lease. */
  holder: z.string().optional(),
  startedAt: time.optional(),
  endedAt: time.optional(),
  /** Of a job that is done, in milliseconds. */
  duration: amount.optional(),
  /** `endedAt` in whole minutes, for the throughput. */
  minute: amount.optional(),
  progress: z
    .object({ done: amount, total: amount, unit: z.enum(['bytes', 'files']), note: z.string().optional() })
    .optional(),
  result: result.optional(),
  /** The name of the file that it wrote. */
  output: z.string().optional(),
  error: z.object({ message: z.string(), stack: z.string().optional() }).optional(),
})

const worker = z.object({
  id: z.string(),
  pid: amount,
  state: z.enum(['starting', 'idle', 'busy', 'frozen', 'stopped']),
  /** The job that it works on, and the fence of its lease. A row that names both is a heartbeat of the lease. */
  job: z.string().optional(),
  fence: amount.optional(),
  beatAt: time,
  done: amount,
  /** What happened to it last. */
  note: z.string().optional(),
})

const logLine = z.object({
  /** `job/fence.line`. */
  id: z.string(),
  job: z.string(),
  at: time,
  /** Orders the lines of a job: those of a later lease are behind those of an earlier one. */
  place: amount,
  level: z.enum(['info', 'warning', 'error']),
  text: z.string().max(8_000),
})

/** What a page asks for. Whoever does it deletes the row in the same append. */
const request = z.object({
  id: z.string(),
  job: z.string(),
  action: z.enum(['cancel', 'retry', 'remove']),
  at: time,
})

/**
 * The events of the stream: four types, four collections. Pages insert jobs and requests; all else is written by workers
 * and the keeper.
 */
export const state = createStateSchema({
  jobs: { schema: job, type: 'job', primaryKey: 'id' },
  workers: { schema: worker, type: 'worker', primaryKey: 'id' },
  logs: { schema: logLine, type: 'log', primaryKey: 'id' },
  requests: { schema: request, type: 'request', primaryKey: 'id' },
})

export type Job = z.output<typeof job>
export type JobKind = Job['kind']
export type JobResult = z.output<typeof result>
export type Progress = NonNullable<Job['progress']>
export type WorkerRow = z.output<typeof worker>
export type LogLine = z.output<typeof logLine>
export type Request = z.output<typeof request>

/** Tells whether a job has come to an end, which only a retry takes back. */
export function isFinished({ state: name }: Pick<Job, 'state'>): boolean {
  return name === 'done' || name === 'failed' || name === 'cancelled'
}
