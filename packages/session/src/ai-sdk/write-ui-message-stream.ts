import type { UIMessage } from 'ai'
import type { AgentRun } from '../agent-run.ts'
import { SessionError } from '../errors.ts'
import { received } from '../received.ts'
import type { Part } from '../rows.ts'
import { ChunkWriter } from './chunk-writer.ts'
import type { AnyChunk, Chunk } from './chunk.ts'
import { isOutcome, textOf } from './chunk.ts'
import { foldChunks } from './fold.ts'
import { chunksOfMessage, uiIdOf } from './message-chunks.ts'
import { marksOf, roundSize } from './marks.ts'
import { withFiles } from './stored-files.ts'
import { toUIMessages } from './to-ui-messages.ts'

/** The chunks of an answer: what `result.toUIMessageStream()` returns. */
export type UIMessageChunks = ReadableStream<AnyChunk> | AsyncIterable<AnyChunk>

/** What a round of an answer begins with. */
export interface RoundContext<Message extends UIMessage = UIMessage> {
  /** The conversation, with what this run has answered so far at its end: for `convertToModelMessages`. */
  readonly messages: Message[]
  /** Counts the rounds from 0: another one begins when the participants have decided what the one before has asked. */
  readonly round: number
  readonly run: AgentRun
  /** Aborts when the run is to end: give it to the model. */
  readonly signal: AbortSignal
}

/** Starts a round. */
export type RoundSource<Message extends UIMessage = UIMessage> = (
  context: RoundContext<Message>,
) => UIMessageChunks | Promise<UIMessageChunks>

/** Options of `writeUIMessageStream`. */
export interface WriteOptions {
  /** How long participants have for an approval, or for the output of a tool of theirs, in milliseconds. Default: for ever. */
  readonly expiresIn?: number | undefined
}

/** What a stream said of its end. */
export interface WrittenStream {
  readonly finishReason?: string | undefined
  /** The text of its `error` chunk: the run is done all the same, unless its handler throws. */
  readonly error?: string | undefined
  readonly isAborted: boolean
}

/**
 * Writes a UI message stream of the AI SDK as a run's answer: text, reasoning, tool calls, sources, files, data and steps
 * become parts that every participant sees, and every chunk is there for those who read with `sessionTransport`.
 *
 * With a function, the run goes on until nothing is asked any more: when a stream ends with approvals that are requested, or
 * with calls of tools without `execute`, the run waits for the participants, and the function is called again with what
 * they decided. Each round is a step of the run: it is not repeated after a restart. With a stream it is one round, and
 * what is asked stays open.
 *
 * Rejects where the stream does, and where the run is to end. An `error` chunk is part of the answer, and in the result.
 *
 * @example
 * ```ts
 * session.agent({
 *   name: 'bot',
 *   handle: (run) =>
 *     writeUIMessageStream(run, async ({ messages, signal }) => {
 *       const result = streamText({ model, messages: await convertToModelMessages(messages), abortSignal: signal })
 *       return result.toUIMessageStream()
 *     }),
 * })
 * ```
 */
export async function writeUIMessageStream<Message extends UIMessage = UIMessage>(
  run: AgentRun,
  source: UIMessageChunks | RoundSource<Message>,
  options: WriteOptions = {},
): Promise<WrittenStream> {
  if (typeof source !== 'function') return writeChunks(run, source, false)
  for (let round = 0; ; round++) {
    const outcome = await run.step(`ai-sdk:${round}`, async () => {
      const messages = await withFiles(messagesOf<Message>(run), run)
      const context = { messages, round, run, signal: run.signal }
      return writeChunks(run, await source(context), true)
    })
    const questions = questionsOf(run.parts())
    if (questions.length === 0) return outcome
    await decide(run, questions, options)
  }
}

async function writeChunks(run: AgentRun, source: UIMessageChunks, goesOn: boolean): Promise<WrittenStream> {
  const writer = new ChunkWriter(run, nextRound(run))
  let finishReason: string | undefined
  let error: string | undefined
  let isAborted = false
  checkStream(source)
  for await (const read of iterate(source, run.signal)) {
    if (typeof read !== 'object' || read === null) throw noChunks('chunks', read)
    // Chunks are JSON: their fields are told apart where they are read.
    const chunk = read as Chunk
    writer.write(chunk)
    if (chunk.type === 'error') error = textOf(chunk, 'errorText')
    if (chunk.type === 'abort') isAborted = true
    if (chunk.type === 'finish' && typeof chunk['finishReason'] === 'string')
      finishReason = chunk['finishReason']
  }
  await writer.end(goesOn)
  return { finishReason, error, isAborted }
}

/** Throws `invalid-options` for what gives no chunks: a callback that returns nothing, for example. */
function checkStream(source: unknown): void {
  const isStream =
    typeof source === 'object' && source !== null && ('getReader' in source || Symbol.asyncIterator in source)
  if (!isStream) throw noChunks('a stream of chunks', source)
}

function noChunks(expected: string, given: unknown): SessionError {
  return new SessionError(
    'invalid-options',
    `writeUIMessageStream: expected ${expected}, as result.toUIMessageStream() returns it, received ${received(given)}`,
  )
}

/** Yields what a stream gives until the run is to end: then it throws, and the source is cancelled without being waited for. */
async function* iterate(source: UIMessageChunks, signal: AbortSignal): AsyncGenerator<AnyChunk, void> {
  const reader = 'getReader' in source ? readerOf(source) : source[Symbol.asyncIterator]()
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    // The signal aborts with a SessionError.
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  aborted.catch(() => undefined)
  let isDone = false
  try {
    signal.throwIfAborted()
    for (;;) {
      const next = await Promise.race([reader.next(), aborted])
      isDone = next.done === true
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // A source that hangs is what an abort is for.
    if (!isDone) void Promise.resolve(reader.return?.()).catch(() => undefined)
  }
}

/** The iterator of a stream waits for what is being read before it cancels; and not every browser has one. */
function readerOf(stream: ReadableStream<AnyChunk>): AsyncIterator<AnyChunk, undefined> {
  const reader = stream.getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

function nextRound(run: AgentRun): number {
  const places = run.parts().flatMap((part) => (marksOf(part) ?? []).map(({ at }) => at))
  return places.length === 0 ? 0 : Math.floor(Math.max(...places) / roundSize) + 1
}

/** Returns the conversation with the run's own message, as far as it is, at its end. */
function messagesOf<Message extends UIMessage>(run: AgentRun): Message[] {
  const others = toUIMessages<Message>(run).map((message) => ({
    ...message,
    // What others still wait for has no result that a model could be told of.
    parts: message.parts.filter((part) => !isUnanswered(part)),
  }))
  const own = ownMessage(run)
  // The application says what its messages are.
  return own === undefined ? others : [...others, own as Message]
}

function ownMessage(run: AgentRun): UIMessage | undefined {
  const parts = run.parts()
  if (parts.length === 0) return undefined
  const { id, message } = run.row
  const view = {
    message: { id: message, role: 'assistant' as const, author: run.row.agent, run: id },
    parts,
    isPending: false,
  }
  return foldChunks(uiIdOf(view), chunksOfMessage(view, run))
}

function isUnanswered(part: UIMessage['parts'][number]): boolean {
  if (!('toolCallId' in part)) return false
  const { state } = part
  return (
    state === 'input-streaming' ||
    state === 'input-available' ||
    state === 'approval-requested' ||
    state === 'approval-responded'
  )
}

/** What the participants are asked by a tool call. */
type Asked =
  | { readonly kind: 'approval'; readonly id: string; readonly part: Part; readonly call: string }
  | { readonly kind: 'input'; readonly id: string; readonly part: Part; readonly call: string }

/** Returns what the calls of an answer wait for: an approval, or the output of a tool that nobody runs here. */
function questionsOf(parts: readonly Part[]): Asked[] {
  return parts.flatMap((part): Asked[] => {
    const { toolCall: call } = part
    const marks = marksOf(part)
    if (part.kind !== 'tool-call' || call === undefined || marks === undefined) return []
    if (marks.some(isOutcome) || !marks.some(({ type }) => type === 'tool-input-available')) return []
    const isKnown = (id: unknown): boolean =>
      marks.some(({ type, approvalId }) => type === 'tool-approval-response' && approvalId === id)
    const request = [...marks].reverse().find(({ type }) => type === 'tool-approval-request')
    if (request !== undefined) {
      const id = textOf(request, 'approvalId')
      return isKnown(id) ? [] : [{ kind: 'approval', id, part, call }]
    }
    // A tool that the provider runs answers in the stream.
    return marks.some((mark) => mark['providerExecuted'] === true)
      ? []
      : [{ kind: 'input', id: call, part, call }]
  })
}

/** Asks, and writes what was decided into the calls. */
async function decide(
  run: AgentRun,
  questions: readonly Asked[],
  { expiresIn }: WriteOptions,
): Promise<void> {
  const writer = new ChunkWriter(run, nextRound(run))
  await Promise.all(
    questions.map(async ({ kind, id, part, call }) => {
      const { toolName = '', input } = part
      const question = kind === 'approval' ? `Run ${toolName}?` : `What does ${toolName} return?`
      const asked = { id, kind, question, toolCall: call, data: { name: toolName, input }, expiresIn }
      const answer = await run.ask(asked).catch((error: unknown) => {
        if (error instanceof SessionError && error.code === 'expired')
          return { status: 'denied' as const, reason: 'Nobody answered in time', value: undefined, by: '' }
        throw error
      })
      const { status, reason } = answer
      const said = reason === undefined ? {} : { reason }
      const isDenied = status === 'denied'
      if (kind === 'approval') {
        writer.write({ type: 'tool-approval-response', approvalId: id, approved: !isDenied, ...said })
      } else if (isDenied) {
        writer.write({
          type: 'tool-output-error',
          toolCallId: call,
          errorText: reason ?? `${answer.by} did not answer`,
        })
      } else {
        writer.write({ type: 'tool-output-available', toolCallId: call, output: answer.value ?? null })
      }
    }),
  )
  await writer.flushed()
}
