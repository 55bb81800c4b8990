import { SessionError } from '../errors.ts'
import { isOver } from '../run-states.ts'
import type { Approval, Decision, Part, Run } from '../rows.ts'
import type { Attachments } from '../attachments.ts'
import type { MessageView } from '../thread.ts'
import { OutputReader } from '../tool-outputs.ts'
import type { Chunk } from './chunk.ts'
import { MessageChunks, uiIdOf } from './message-chunks.ts'
import type { ChunkSource } from './message-chunks.ts'
import type { PlacedChunk } from './part-chunks.ts'

/** What a stream of chunks reads: a session. */
export interface ChatSource extends ChunkSource {
  readonly attachments: Pick<Attachments, 'url' | 'knownJson' | 'readJson'>
  readonly collections: ChunkSource['collections'] & {
    readonly runs: { get(id: string): Run | undefined; values(): Iterable<Run> }
    readonly approvals: { values(): Iterable<Approval> }
    readonly decisions: { values(): Iterable<Pick<Decision, 'subject'>> }
  }
  readonly db: {
    observe(observer: { onChanges?(): void; onStatus?(status: ChatStatus): void }): () => void
    readonly status: ChatStatus
  }
  message(id: string): MessageView | undefined
  text(part: string): { get(): string }
}

type ChatStatus = { readonly name: string; readonly error?: Error | undefined }

/** What a stream follows, one run after another. */
export interface ChatStreamOptions {
  /** Returns the next run to follow; `undefined`: none yet; `end`: there is nothing more. */
  readonly next: () => Run | 'end' | undefined
  /** Leaves out of a run what the chat has already. */
  readonly isWanted?: ((placed: PlacedChunk, part: Part) => boolean) | undefined
  /** How long a run that was interrupted is waited for, in milliseconds. */
  readonly takeoverTimeout: number
  readonly onMessage: (messageId: string) => void
  /** Called once: it has ended, or was cancelled by its reader. */
  readonly onEnd: (outcome: StreamEnd) => void
}

export type StreamEnd = { readonly run: Run | undefined; readonly error?: Error }

/**
 * Returns the chunks of runs as they are written, from their beginning on. It closes when they are over, or wait for this
 * chat's answer to a tool call; it ends with an error where a run is written anew, or nobody takes it over.
 */
export function chatStream(
  source: ChatSource,
  options: ChatStreamOptions,
): { readonly stream: ReadableStream<Chunk>; readonly close: (error?: Error) => void } {
  let controller: ReadableStreamDefaultController<Chunk> | undefined
  let following: { readonly id: string; readonly reader: MessageChunks; readonly attempt: number } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let unsubscribe: () => void = () => undefined
  let isEnded = false
  const outputs = new OutputReader(source.attachments, () => pump())

  function end(error?: Error): void {
    if (isEnded) return
    isEnded = true
    clearTimeout(timer)
    unsubscribe()
    const run = following && source.collections.runs.get(following.id)
    if (error === undefined) controller?.close()
    else controller?.error(error)
    options.onEnd(error === undefined ? { run } : { run, error })
  }

  /** Follows a run as far as it is; returns whether the stream is done with it. */
  function follow(run: Run, reader: MessageChunks): boolean {
    const view = source.message(run.message)
    if (view !== undefined && reader.isReplaced(view)) {
      end(replacedError(run))
      return false
    }
    // A result that is beside the log is read before it is told of.
    if (view !== undefined && outputs.isReading(view.parts)) return false
    if (view !== undefined) {
      options.onMessage(uiIdOf(view))
      for (const chunk of reader.next(view)) emit(chunk)
    }
    if (isOver(run)) {
      emitEnd(run, view, reader)
      return true
    }
    wait(run)
    return waitsForChat(run, source)
  }

  let seen = { types: new Set<string>(), last: '' }

  function emit(chunk: Chunk): void {
    seen.types.add(chunk.type)
    controller?.enqueue(chunk)
  }

  function emitEnd(run: Run, view: MessageView | undefined, reader: MessageChunks): void {
    const { status, reason } = run
    const { types } = seen
    if (!reader.hasStarted && view !== undefined && status !== 'failed')
      emit({ type: 'start', messageId: uiIdOf(view) })
    if (status === 'failed' && !types.has('error')) {
      emit({ type: 'error', errorText: reason ?? 'The run failed' })
    } else if ((status === 'cancelled' || status === 'superseded') && !types.has('abort')) {
      emit({ type: 'abort', ...(reason === undefined ? {} : { reason }) })
    } else if (status === 'done' && !types.has('finish')) {
      emit({ type: 'finish' })
    }
  }

  /** A run whose process died is taken over within seconds, or else nothing streams. */
  function wait(run: Run): void {
    clearTimeout(timer)
    if (run.status !== 'interrupted') return
    timer = setTimeout(() => end(interruptedError(run)), options.takeoverTimeout)
  }

  function pump(): void {
    for (;;) {
      if (isEnded) return
      if (following === undefined) {
        const run = options.next()
        if (run === 'end') end()
        if (run === 'end' || run === undefined) return
        const textOf = (part: Part): string => source.text(part.id).get()
        seen = { types: new Set(), last: '' }
        following = {
          id: run.id,
          attempt: run.attempt,
          reader: new MessageChunks(source, textOf, options.isWanted),
        }
      }
      const run = source.collections.runs.get(following.id)
      if (run === undefined || !follow(run, following.reader)) return
      following = undefined
    }
  }

  const stream = new ReadableStream<Chunk>({
    start(given) {
      controller = given
      unsubscribe = source.db.observe({
        onChanges: pump,
        onStatus: (status) => {
          if (status.name === 'closed') end(new SessionError('closed', 'The session was closed'))
          else if (status.name === 'failed') end(status.error)
        },
      })
      pump()
    },
    cancel() {
      if (isEnded) return
      isEnded = true
      clearTimeout(timer)
      unsubscribe()
      options.onEnd({ run: following && source.collections.runs.get(following.id) })
    },
  })
  return { stream, close: end }
}

/** Tells whether a run waits for nothing but what a chat of the toolkit can answer: approvals and outputs of tool calls. */
export function waitsForChat(run: Run, { collections }: Pick<ChatSource, 'collections'>): boolean {
  if (run.status !== 'waiting') return false
  // What was decided is pending until the run's holder has heard of it.
  const decided = new Set([...collections.decisions.values()].map(({ subject }) => subject))
  const pending = [...collections.approvals.values()].filter(
    ({ id, run: of, status }) => of === run.id && status === 'pending' && !decided.has(id),
  )
  return pending.length > 0 && pending.every(({ toolCall }) => toolCall !== undefined)
}

function replacedError({ id }: Run): SessionError {
  return new SessionError(
    'lease-lost',
    `The answer of the run "${id}" is written anew, by another attempt: resume the stream to read it`,
  )
}

function interruptedError({ id }: Run): SessionError {
  return new SessionError(
    'lease-lost',
    `The process that held the run "${id}" is gone, and no other has taken it over yet: resume the stream later`,
  )
}
