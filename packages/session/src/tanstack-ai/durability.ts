import type { StreamChunk } from '@tanstack/ai/client'
import { randomId } from '@streamdb/log'
import { SessionError } from '../errors.ts'
import type { SessionOptions } from '../session-options.ts'
import { below } from '../stream-url.ts'
import { decodeOffset, encodeOffset, requestedOffset, requestedRun } from './durability-offset.ts'
import { RunLog } from './run-log.ts'

/** Options of `streamDurability`. */
export interface StreamDurabilityOptions {
  /** Where the logs of runs are: each has a stream of its own below this URL, or where the function says. */
  readonly url: string | ((runId: string) => string)
  /** The request that is answered: it names the run (`X-Run-Id`, `?runId`) and what is resumed (`Last-Event-ID`, `?offset`). */
  readonly request?: Request | undefined
  /** The run, where there is no request. Default: a new id. */
  readonly runId?: string | undefined
  /** What is resumed, where there is no request. */
  readonly offset?: string | null | undefined
  /** Headers and all else that requests to the stream server take. */
  readonly streamOptions?: SessionOptions['streamOptions']
  /** How long the log of a run outlives its last use, in seconds. Default: for ever. */
  readonly ttlSeconds?: number | undefined
  /** How long one who joins waits for the first chunk of a run, in milliseconds. Default 1,000. */
  readonly firstChunkTimeout?: number | undefined
}

/** A chunk, and the offset that clients resume behind. */
export interface DurableChunk {
  offset: string
  chunk: StreamChunk
}

/** A `StreamDurability` of the toolkit, upsertable. */
export interface SessionDurability {
  readonly runId: string
  resumeFrom(): string | null
  append(chunks: StreamChunk[]): Promise<string[]>
  upsert(entries: DurableChunk[]): Promise<string[]>
  read(offset: string, signal?: AbortSignal): AsyncIterable<DurableChunk>
  snapshot(): Promise<DurableChunk[]>
  close(): Promise<void>
}

/**
 * Returns a durability for the server functions of TanStack AI: what a run streams is stored in a Durable Stream before it
 * is delivered, so that clients resume it, and join it, from any process.
 *
 * Its methods reject with `request-failed` and errors of the stream server, and with `invalid-options` for offsets that it
 * has not given.
 *
 * @example
 * ```ts
 * export function POST(request: Request) {
 *   const adapter = streamDurability({ url: 'https://streams.example.com/runs', request })
 *   return toServerSentEventsResponse(stream, { durability: { adapter } })
 * }
 * ```
 */
export function streamDurability(options: StreamDurabilityOptions): SessionDurability {
  const { request, firstChunkTimeout = 1_000 } = options
  const resumed = (request && requestedOffset(request)) ?? options.offset ?? null
  const runId = isStart(resumed)
    ? ((request && requestedRun(request)) ?? options.runId ?? randomId())
    : decodeOffset(resumed).runId
  const url =
    typeof options.url === 'function' ? options.url(runId) : below(options.url, encodeURIComponent(runId))
  const log = new RunLog({ url, streamOptions: options.streamOptions, ttlSeconds: options.ttlSeconds })
  let tail: Promise<number> | undefined
  let writing: Promise<unknown> = Promise.resolve()

  /** Runs one after another what writes: numbers are given in the order of the calls. */
  function inOrder<Result>(write: (last: number) => Promise<readonly [Result, number]>): Promise<Result> {
    const done = writing.then(async () => {
      tail ??= readTail(log)
      const [result, last] = await write(await tail)
      tail = Promise.resolve(last)
      return result
    })
    writing = done.catch(() => undefined)
    return done
  }

  return {
    runId,
    resumeFrom: () => resumed,
    append: (chunks) =>
      inOrder(async (last) => {
        const entries = chunks.map((chunk, index) => ({ chunk, seq: last + index + 1 }))
        await log.put(entries)
        return [entries.map(({ seq }) => encodeOffset({ runId, seq })), last + chunks.length]
      }),
    upsert: (given) =>
      inOrder(async (last) => {
        const seqs = checkEntries(given, { runId, last, stored: await storedSeqs(log) })
        await log.put(given.map(({ chunk }, index) => ({ chunk, seq: seqs[index] ?? 0 })))
        return [given.map(({ offset }) => offset), Math.max(last, ...seqs)]
      }),
    async *read(offset, signal = new AbortController().signal) {
      const from =
        offset === '-1'
          ? 0
          : offset === 'now'
            ? ((await log.snapshot()).at(-1)?.seq ?? 0)
            : own(offset, runId)
      for await (const { seq, chunk } of log.read(firstChunkTimeout, signal)) {
        if (seq > from) yield { offset: encodeOffset({ runId, seq }), chunk }
      }
    },
    snapshot: async () =>
      (await log.snapshot()).map(({ seq, chunk }) => ({ offset: encodeOffset({ runId, seq }), chunk })),
    close: () => inOrder(async (last) => [await log.close(), last]),
  }
}

/** `-1` and `now` are places, and no entries. */
function isStart(offset: string | null): offset is '-1' | 'now' | null {
  return offset === null || offset === '-1' || offset === 'now'
}

async function readTail(log: RunLog): Promise<number> {
  await log.create()
  return (await log.snapshot()).at(-1)?.seq ?? 0
}

async function storedSeqs(log: RunLog): Promise<ReadonlySet<number>> {
  return new Set((await log.snapshot()).map(({ seq }) => seq))
}

function own(offset: string, runId: string): number {
  const decoded = decodeOffset(offset)
  if (decoded.runId === runId) return decoded.seq
  throw new SessionError(
    'invalid-options',
    `streamDurability: the offset ${JSON.stringify(offset)} is of the run "${decoded.runId}", and not of "${runId}"`,
  )
}

interface Stored {
  readonly runId: string
  readonly last: number
  readonly stored: ReadonlySet<number>
}

/** Returns the numbers of entries. Throws `invalid-options` before anything is written where one of them cannot be stored. */
function checkEntries(entries: DurableChunk[], { runId, last, stored }: Stored): number[] {
  const seen = new Set<number>()
  let end = last
  // Holes of a sparse array are seen by its iterator alone.
  return [...(entries as (DurableChunk | undefined)[])].map((entry, index) => {
    const refuse = (why: string): SessionError =>
      new SessionError('invalid-options', `streamDurability: entries[${index}] ${why}`)
    if (entry === undefined) throw refuse('is missing: expected { offset, chunk }')
    const seq = own(entry.offset, runId)
    if (seen.has(seq)) throw refuse(`repeats the offset ${JSON.stringify(entry.offset)}`)
    seen.add(seq)
    if (stored.has(seq)) return seq
    if (seq <= end) throw refuse(`is not stored, and its offset lies before the end of the log`)
    end = seq
    return seq
  })
}
