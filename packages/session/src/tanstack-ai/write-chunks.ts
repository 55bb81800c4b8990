import type { AgentRun } from '../agent-run.ts'
import { SessionError } from '../errors.ts'
import { orAborted } from '../or-aborted.ts'
import { received } from '../received.ts'
import { toChunk } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { interruptsOf } from './interrupts.ts'
import type { Interrupt } from './interrupts.ts'
import { asRecord } from './segment.ts'

/** What a stream has ended with. */
export interface WrittenStream {
  /** Why the model has stopped, where the stream says so: `stop`, `length`, `tool_calls` and so on. */
  readonly finishReason?: string
  /** What the stream waits for: approvals and results of client tools, as the toolkit describes them. */
  readonly interrupts: readonly Interrupt[]
}

/**
 * Writes the events of a TanStack AI stream, such as `chat({ ... })` returns, into the answer of a run: the clients of the
 * session get them back, kinds that are not known here among them, and everybody reads texts, reasoning and tool calls as
 * parts. Resolves when all of it is stored.
 *
 * Rejects with `handler-failed` behind a `RUN_ERROR`, where the stream throws, and when the run is to end.
 */
export async function writeChunks(
  run: AgentRun,
  chunks: Iterable<object> | AsyncIterable<object>,
): Promise<WrittenStream> {
  checkChunks(chunks)
  const writer = new ChunkWriter(run)
  const events = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  let finished: Chunk | undefined
  let failed: Chunk | undefined
  try {
    for (;;) {
      const next = await orAborted(events.next(), run.signal)
      if (next.done === true) break
      const chunk = toChunk(next.value)
      if (chunk.type === 'RUN_FINISHED') finished = chunk
      if (chunk.type === 'RUN_ERROR') failed = chunk
      writer.write(chunk)
    }
  } catch (error) {
    // Its end is not waited for: a source that hangs is what an abort is for.
    void Promise.resolve(events.return?.()).catch(() => undefined)
    if (!run.signal.aborted) await writer.end(false).catch(() => undefined)
    throw error
  }
  const interrupts = finished === undefined ? [] : interruptsOf(finished)
  await writer.end(failed === undefined && interrupts.length === 0)
  if (failed !== undefined) {
    const { message } = failed
    const reason = typeof message === 'string' && message !== '' ? message : 'it gave no reason'
    throw new SessionError('handler-failed', `The model failed: ${reason}`)
  }
  const reason =
    finished &&
    (finished['finishReason'] ?? asRecord(asRecord(finished['metadata'])?.['tanstack'])?.['finishReason'])
  return { interrupts, ...(typeof reason === 'string' ? { finishReason: reason } : {}) }
}

/** Throws `invalid-options` for what gives no events: a callback that returns nothing, for example. */
function checkChunks(chunks: unknown): void {
  const isIterable =
    typeof chunks === 'object' &&
    chunks !== null &&
    (Symbol.asyncIterator in chunks || Symbol.iterator in chunks)
  if (isIterable) return
  throw new SessionError(
    'invalid-options',
    `Expected the events of a stream, as chat({ ... }) returns it, received ${received(chunks)}`,
  )
}
