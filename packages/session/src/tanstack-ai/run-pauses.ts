import type { Approval, Run } from '../rows.ts'
import type { Chunk } from './chunk.ts'
import type { Conversation } from './conversation.ts'
import { approvalsOf, askedBy, continuationId, interruptsOf, rebind, toInterrupt } from './interrupts.ts'

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
    const outcome = { type: 'interrupt', interrupts: interrupts.map((interrupt) => rebind(interrupt, runId)) }
    const others = endsOf([this.#idOf(run), chunk['runId']], runId, this.#conversation.threadId)
    return [...others, { ...chunk, runId, outcome }]
  }

  /** Returns what tells of questions that no stream has told of. */
  takeQuestions(run: Run): Chunk[] {
    const asked = this.#approvals(run).filter(
      (approval) =>
        this.#isPending(approval) && askedBy(approval) === undefined && !this.#told.has(approval.id),
    )
    if (asked.length === 0 || run.status !== 'waiting') return []
    const all = this.#approvals(run).filter(
      (approval) => this.#isPending(approval) && askedBy(approval) === undefined,
    )
    for (const { id } of asked) this.#told.add(id)
    const runId = this.#open?.runId ?? this.#conversation.currentRunId ?? this.#idOf(run)
    this.#open = { runId, approvals: new Set(all.map(({ id }) => id)), interrupts: new Set() }
    const interrupts = all.map((approval) => toInterrupt(approval, runId))
    const { threadId } = this.#conversation
    const others = endsOf([this.#idOf(run)], runId, threadId)
    return [...others, { type: 'RUN_FINISHED', threadId, runId, outcome: { type: 'interrupt', interrupts } }]
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
