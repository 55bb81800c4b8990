import type { Named, Session } from '../session.ts'
import type { Part, Run } from '../rows.ts'
import type { MessageView } from '../thread.ts'
import { outputOf } from '../tool-outputs.ts'
import type { Chunk } from './chunk.ts'
import { isFromChunks, noProgress, takeChunks, toResult } from './part-chunks.ts'
import type { PartProgress } from './part-chunks.ts'

/** What is read of a session. */
export interface ReadableSession extends Pick<Session, 'message' | 'text' | 'run'> {
  readonly attachments: Pick<Session['attachments'], 'url' | 'knownJson'>
}

/** Reads the events of a message as they come, in their order: each is given once (SPEC A45). */
export class MessageCursor {
  readonly #session: ReadableSession
  readonly #progress = new Map<string, PartProgress>()
  readonly #message: string
  /** The calls whose result was given. */
  readonly #results = new Set<unknown>()

  constructor(session: ReadableSession, message: string) {
    this.#session = session
    this.#message = message
  }

  /** Returns the events that have come since. */
  take(view: MessageView | undefined = this.#session.message(this.#message)): Chunk[] {
    const parts = view?.parts ?? []
    const chunks: Chunk[] = []
    // Parts from events are one sequence: what follows one that streams waits for its end.
    let isHeldUp = false
    for (const part of parts) {
      const isSequential = isFromChunks(part)
      if (isSequential && isHeldUp) continue
      const progress = this.#progressOf(part.id)
      // Copies: the toolkit's client adds fields to what it is given, and these are of rows.
      for (const chunk of takeChunks(part, progress, this.#contextOf(parts))) {
        chunks.push({ ...chunk })
        if (chunk.type === 'TOOL_CALL_RESULT') this.#results.add(chunk['toolCallId'])
      }
      if (isSequential && part.state === 'streaming') isHeldUp = true
    }
    return chunks
  }

  /** Returns the results of calls that have ended without one: cut by the end of the run, or answered behind it. */
  takeResults(view: MessageView | undefined = this.#session.message(this.#message)): Chunk[] {
    return (view?.parts ?? []).flatMap((part) => {
      if (part.kind !== 'tool-call' || this.#results.has(part.toolCall)) return []
      const result = toResult(part, this.#message, outputOf(part, this.#session.attachments))
      if (result !== undefined) this.#results.add(part.toolCall)
      return result === undefined ? [] : [result]
    })
  }

  /** Whether something that was given is no longer there: the answer was begun anew. */
  isStale(view: MessageView | undefined): boolean {
    if (this.#progress.size === 0) return false
    const ids = new Set(view?.parts.map(({ id }) => id))
    return [...this.#progress.keys()].some((id) => !ids.has(id))
  }

  #progressOf(part: string): PartProgress {
    const known = this.#progress.get(part)
    if (known !== undefined) return known
    const progress = noProgress()
    this.#progress.set(part, progress)
    return progress
  }

  #contextOf(parts: readonly Part[]) {
    return {
      message: this.#message,
      // Asked of parts that stream alone: the session keeps a value for each part that it is asked for.
      textOf: (part: Part) =>
        part.state === 'streaming' ? this.#session.text(part.id).get() : (part.text ?? ''),
      resultOf: (part: Part) => outputOf(part, this.#session.attachments),
      outputOf: (call: string) => {
        const part = parts.find(({ id }) => id === call)
        return part && outputOf(part, this.#session.attachments)
      },
    }
  }
}

/**
 * Returns the events of a run's answer so far, as its stream was: pieces of a text that followed each other are one. Of an
 * answer that was not written from events of this toolkit they are what says the same.
 */
export function readChunks(session: ReadableSession, run: Named<Run>): Chunk[] {
  const row = session.run(run)
  return row === undefined ? [] : new MessageCursor(session, row.message).take()
}
