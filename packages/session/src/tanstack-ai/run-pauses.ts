import type { Approval, Run } from '../rows.ts'
import type { Chunk } from './chunk.ts'
import type { Conversation } from './conversation.ts'
import {
  approvalsOf,
  askedBy,
  bindingOf,
  continuationId,
  interruptsOf,
  rebind,
  toInterrupt,
} from './interrupts.ts'
import type { Interrupt } from './interrupts.ts'

/** A pause that a client was told of, by the run id that it knows it by. */
interface Pause {
  readonly runId: string
  readonly approvals: ReadonlySet<string>
  readonly interrupts: ReadonlySet<string>
}

/** Tells a client of the pauses of a run, and of their ends, whoever has ended them. */
export class RunPauses {
  readonly #conversation: Conversation
  #open: Pause | undefined
  readonly #told = new Set<string>()

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  /** Returns what tells that the run goes on, where it does. */
  takeEnd(run: Run): Chunk[] {
    const open = this.#open
    if (open === undefined) return []
    const approvals = this.#approvals(run).filter((approval) => isOf(approval, open))
    if (approvals.some((approval) => this.#isPending(approval))) return []
    // Not in the log yet: it was told of by the stream.
    if (approvals.length === 0 && run.status !== 'cancelled') return []
    this.#open = undefined
    const { threadId, resolved } = this.#conversation
    const isOwn = approvals.length > 0 && approvals.every(({ id }) => resolved.has(id))
    return [
      // Whoever has answered knows; for the others the pause is over, and the turn goes on.
      ...(isOwn ? [] : endsOf([open.runId], undefined, threadId)),
      { type: 'RUN_STARTED', threadId, runId: this.#idOf(run), parentRunId: open.runId },
    ]
  }

  /** Whether the session knows by now what an event of the stream asks: before that nobody can answer. */
  isAsked(chunk: Chunk, run: Run): boolean {
    const asked = new Set(this.#approvals(run).map((approval) => askedBy(approval)?.id))
    return interruptsOf(chunk).every(({ id }) => asked.has(id))
  }

  /** Returns an event of the stream as it is now: a pause that was ended is none any more. */
  toPause(chunk: Chunk, run: Run): Chunk[] {
    const interrupts = interruptsOf(chunk)
    if (interrupts.length === 0) return [chunk]
    const ids = new Set(interrupts.map(({ id }) => id))
    const approvals = this.#approvals(run).filter((approval) => ids.has(askedBy(approval)?.id ?? ''))
    if (approvals.length > 0 && !approvals.some((approval) => this.#isPending(approval)))
      return [{ ...chunk, outcome: { type: 'success' } }]
    const runId = this.#conversation.currentRunId ?? this.#idOf(run)
    this.#open = { runId, approvals: new Set(), interrupts: ids }
    const outcome = {
      type: 'interrupt',
      interrupts: interrupts.map((interrupt) => this.#forClient(rebind(interrupt, runId), run)),
    }
    const others = endsOf([this.#idOf(run), chunk['runId']], runId, this.#conversation.threadId)
    return [...others, { ...chunk, runId, outcome }]
  }

  /** Returns what tells of questions that no event of the stream has told of. */
  takeQuestions(run: Run): Chunk[] {
    if (run.status !== 'waiting') return []
    const pending = this.#approvals(run).filter((approval) => this.#isPending(approval))
    const isTold = (approval: Approval): boolean =>
      this.#told.has(approval.id) || (this.#open !== undefined && isOf(approval, this.#open))
    if (pending.every(isTold)) return []
    for (const { id } of pending) this.#told.add(id)
    const runId = this.#open?.runId ?? this.#conversation.currentRunId ?? this.#idOf(run)
    this.#open = { runId, approvals: new Set(pending.map(({ id }) => id)), interrupts: new Set() }
    const interrupts = pending.map((approval) => this.#forClient(toInterrupt(approval, runId), run))
    const { threadId } = this.#conversation
    const others = endsOf([this.#idOf(run)], runId, threadId)
    return [...others, { type: 'RUN_FINISHED', threadId, runId, outcome: { type: 'interrupt', interrupts } }]
  }

  /** A tool of the device is run by the clients of the person who asked: by the others it can be answered by hand. */
  #forClient(interrupt: Interrupt, run: Run): Interrupt {
    if (bindingOf(interrupt)?.kind !== 'client-tool-execution' || this.#conversation.isOwn(run))
      return interrupt
    const { kind: _kind, ...metadata } = interrupt.metadata ?? {}
    return { ...interrupt, metadata }
  }

  /** What was decided here is decided, until the holder of the run says the same. */
  #isPending({ id, status }: Approval): boolean {
    return status === 'pending' && !this.#conversation.resolved.has(id)
  }

  #idOf(run: Run): string {
    return continuationId(this.#conversation.session, run)
  }

  #approvals(run: Run): Approval[] {
    return approvalsOf(this.#conversation.session, run)
  }
}

function isOf(approval: Approval, { approvals, interrupts }: Pause): boolean {
  return approvals.has(approval.id) || interrupts.has(askedBy(approval)?.id ?? '')
}

/** Returns what ends runs by the ids that a stream has given them, without an end of what the client waits for. */
export function endsOf(runIds: readonly unknown[], runId: unknown, threadId: string): Chunk[] {
  return [...new Set(runIds)]
    .filter((id) => typeof id === 'string' && id !== runId)
    .map((id) => ({ type: 'RUN_FINISHED', threadId, runId: id, finishReason: 'tool_calls' }))
}
