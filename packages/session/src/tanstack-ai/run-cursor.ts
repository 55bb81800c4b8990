import type { Run } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { Conversation } from './conversation.ts'
import type { Chunk } from './chunk.ts'
import { continuationId, interruptsOf, isTerminal } from './interrupts.ts'
import { MessageCursor } from './run-chunks.ts'
import { endsOf, RunPauses } from './run-pauses.ts'

/** Gives the events of a run as they come, those of its beginning and its end among them. */
export class RunCursor {
  readonly run: string
  readonly message: string
  readonly #conversation: Conversation
  readonly #chunks: MessageCursor
  readonly #pauses: RunPauses
  /** Nobody has taken it over. */
  isGivenUp = false
  #interruptedAt: number | undefined
  #isStarted = false
  /** The last event, where it is an end. */
  #end: Chunk | undefined
  #isOver = false

  constructor(conversation: Conversation, { id, message }: Run) {
    this.#conversation = conversation
    this.run = id
    this.message = message
    this.#pauses = new RunPauses(conversation)
    this.#chunks = new MessageCursor(conversation.session, message)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether something that was given is no longer there: it is to be given anew. */
  isStale(): boolean {
    return this.#chunks.isStale(this.#conversation.session.message(this.message))
  }

  /** Returns the events that have come since. */
  take(): Chunk[] {
    const { session, threadId } = this.#conversation
    const run = session.run(this.run)
    if (run === undefined || this.#isOver) return []
    const chunks: Chunk[] = this.#pauses.takeEnd(run)
    if (!this.#isStarted) chunks.push({ type: 'RUN_STARTED', threadId, runId: this.run })
    this.#isStarted = true
    const runId = continuationId(session, run)
    // A result that is beside the log is read before it is told of.
    if (this.#conversation.isReadingOutputs(session.message(this.message))) return chunks
    const taken = this.#chunks.take()
    for (const chunk of taken) {
      chunks.push(...this.#releaseEnd(run))
      // Clients take it for the end of what they wait for: it is kept until there is more, or until the run is over.
      if (isTerminal(chunk)) this.#end = chunk
      else chunks.push(chunk)
    }
    if (
      this.#end !== undefined &&
      interruptsOf(this.#end).length > 0 &&
      this.#pauses.isAsked(this.#end, run)
    ) {
      chunks.push(...this.#releaseEnd(run))
    }
    chunks.push(...this.#pauses.takeQuestions(run), ...this.#takeInterruption(run, runId))
    if (!isOver(run)) return chunks
    this.#isOver = true
    chunks.push(...this.#chunks.takeResults())
    // One end: that of the stream, where it has one and says the same as the run.
    const end = isEndOf(this.#end, run)
      ? { ...this.#end, ...(this.#end['runId'] === undefined ? { threadId, runId } : {}) }
      : endOf(run, runId, threadId)
    chunks.push(...endsOf([this.run, runId, this.#end?.['runId']], end['runId'], threadId), end)
    return chunks
  }

  #releaseEnd(run: Run): Chunk[] {
    const end = this.#end
    this.#end = undefined
    return end === undefined ? [] : this.#pauses.toPause(end, run)
  }

  /** A run whose holder is gone is taken over in a moment, or by nobody: then nobody waits for it. */
  #takeInterruption(run: Run, runId: string): Chunk[] {
    const { threadId } = this.#conversation
    if (run.status !== 'interrupted') {
      const wasGivenUp = this.isGivenUp
      this.#interruptedAt = undefined
      this.isGivenUp = false
      return wasGivenUp ? [{ type: 'RUN_STARTED', threadId, runId }] : []
    }
    this.#interruptedAt ??= performance.now()
    const left = this.#interruptedAt + this.#conversation.takeOverTime - performance.now()
    if (this.isGivenUp) return []
    if (left > 0) {
      this.#conversation.wakeIn(left + 1)
      return []
    }
    this.isGivenUp = true
    return [
      {
        type: 'RUN_ERROR',
        threadId,
        runId,
        code: 'interrupted',
        message: run.reason ?? 'The process of the agent is gone',
      },
    ]
  }
}

function isEndOf(end: Chunk | undefined, { status }: Run): end is Chunk {
  if (end === undefined) return false
  return status === 'done' ? end.type === 'RUN_FINISHED' : status === 'failed' && end.type === 'RUN_ERROR'
}

function endOf({ status, code, reason }: Run, runId: string, threadId: string): Chunk {
  if (status === 'failed') {
    return {
      type: 'RUN_ERROR',
      threadId,
      runId,
      message: reason ?? 'The agent failed',
      ...(code === undefined ? {} : { code }),
    }
  }
  return {
    type: 'RUN_FINISHED',
    threadId,
    runId,
    result: { status, ...(reason === undefined ? {} : { reason }) },
  }
}
