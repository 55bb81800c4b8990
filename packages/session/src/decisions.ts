import { deferred } from '@streamdb/log'
import type { Attachments } from './attachments.ts'
import { SessionError } from './errors.ts'
import type { LogOrder } from './log-order.ts'
import { redactRow } from './redaction.ts'
import type { Redact } from './redaction.ts'
import { isOver } from './run-states.ts'
import type { Decision, Json, Participant, Verdict } from './rows.ts'
import type { ServerClock } from './server-clock.ts'
import type { SessionDB } from './session-db.ts'
import { isLargeJson } from './tool-outputs.ts'
import { settled } from './writing.ts'

/** What is said of a decision. */
export interface DecisionOptions {
  readonly reason?: string | undefined
}

/** Who decides, and where. */
export interface DecisionContext {
  readonly db: SessionDB
  readonly order: LogOrder
  readonly me: Participant
  readonly device: string
  readonly attachments: Pick<Attachments, 'uploadJson'>
  readonly redact: Redact | undefined
  readonly clock: Pick<ServerClock, 'now' | 'isTold'>
}

/**
 * Writes decisions about approvals, tool calls and runs. Anybody may; the first in the log counts (SPEC A8), and whoever
 * comes second is told so.
 */
export class Decisions {
  readonly #context: DecisionContext

  constructor(context: DecisionContext) {
    this.#context = context
  }

  /** Decides an approval. Rejects with `already-decided`, `expired` or `not-found`. */
  async decide(
    id: string,
    verdict: 'approve' | 'deny' | 'answer',
    rest: DecisionOptions & { value?: unknown } = {},
  ): Promise<Decision> {
    const approval = this.#context.db.collections.approvals.get(id)
    if (approval === undefined) throw this.#missing('approval', id)
    if (approval.status === 'expired') throw this.#expired(id)
    if (verdict === 'answer' && approval.kind === 'approval') {
      throw new SessionError(
        'invalid-options',
        `"${id}" asks for a yes or a no: expected approve or deny, received an answer`,
      )
    }
    // Its holder says so soon, or is gone.
    const { expiresAt = Infinity } = approval
    if (this.#context.clock.isTold && this.#context.clock.now() > expiresAt) throw this.#expired(id)
    if (approval.status === 'cancelled') {
      throw new SessionError('run-over', `The run that asked for the approval "${id}" has ended`)
    }
    if (approval.status !== 'pending') throw this.#late(id, this.#context.order.firstDecision(id))
    return this.#write(id, verdict, rest)
  }

  /** Answers a tool call, or a question. Rejects with `already-decided`, `expired` or `not-found`. */
  async answer(subject: string, value: unknown): Promise<Decision> {
    const { approvals, parts } = this.#context.db.collections
    if (approvals.has(subject)) return this.decide(subject, 'answer', { value })
    const part = [...parts.values()].find(({ id, toolCall }) => toolCall === subject || id === subject)
    if (part === undefined) throw this.#missing('tool call', subject)
    if (
      part.toolState === 'output-available' ||
      part.toolState === 'output-error' ||
      part.toolState === 'denied'
    ) {
      throw this.#late(subject, this.#context.order.firstDecision(part.toolCall ?? part.id))
    }
    return this.#write(part.toolCall ?? part.id, 'answer', { value })
  }

  /** Asks the holder of a run to end it. Rejects with `run-over` or `not-found`. */
  async cancel(id: string, options: DecisionOptions = {}): Promise<void> {
    const run = this.#context.db.collections.runs.get(id)
    if (run === undefined) throw this.#missing('run', id)
    if (isOver(run))
      throw new SessionError('run-over', `The run "${id}" has ended already: it is ${run.status}`)
    // Two who cancel want the same.
    if (this.#context.order.firstDecision(id) !== undefined) return
    await this.#write(id, 'cancel', options).catch((error: unknown) => {
      if (!(error instanceof SessionError && error.code === 'already-decided')) throw error
    })
  }

  async #write(
    subject: string,
    verdict: Verdict,
    rest: DecisionOptions & { value?: unknown },
  ): Promise<Decision> {
    const { db, order, me, device } = this.#context
    const given: Decision = {
      ...{ id: `${subject}:${me.id}`, subject, actor: me.id, device, verdict },
      ...(rest.value === undefined ? {} : { value: rest.value }),
      ...(rest.reason === undefined ? {} : { reason: rest.reason }),
    }
    this.#checkFirst(given)
    const redacted = this.#redacted(given)
    // What is small is written in this turn.
    const decision = isLargeJson(redacted.value) ? await this.#withoutValue(redacted) : redacted
    const { decisions } = db.collections
    await settled(db.transact(() => void decisions.insert(decision)))
    const winner = order.firstDecision(subject)
    if (winner === undefined && db.collections.approvals.get(subject)?.status === 'expired')
      throw this.#expired(subject)
    // Another device of the same participant writes the same key.
    if (winner !== undefined && (winner.id !== decision.id || winner.device !== device))
      throw this.#late(subject, winner)
    return decision
  }

  /** Throws where somebody has decided, or this device has a moment ago, and it is not in the log yet. */
  #checkFirst({ id, subject }: Decision): void {
    const { db, order } = this.#context
    const { decisions } = db.collections
    const first = order.firstDecision(subject) ?? decisions.get(id)
    if (first !== undefined) throw this.#late(subject, first)
  }

  #redacted(decision: Decision): Decision {
    return redactRow(this.#context.redact, 'decision', decision.id, decision)
  }

  async #withoutValue(decision: Decision): Promise<Decision> {
    const { value, ...rest } = decision
    const { id } = await this.#context.attachments.uploadJson(value, 'answer.json')
    this.#checkFirst(decision)
    return { ...rest, attachment: id }
  }

  #late(subject: string, winner: Decision | undefined): SessionError {
    const who = winner === undefined ? 'somebody else' : `${winner.actor} (${winner.verdict})`
    return new SessionError(
      'already-decided',
      `"${subject}" was decided before, by ${who}: the first decision counts`,
      { winner },
    )
  }

  #expired(id: string): SessionError {
    return new SessionError('expired', `The approval "${id}" expired before it was decided`)
  }

  #missing(what: string, id: string): SessionError {
    return new SessionError('not-found', `There is no ${what} "${id}" in ${this.#context.db.stream.url}`)
  }
}

/** Resolves with what was decided, also where it is beside the log. Rejects as `readJson` of attachments does. */
export async function valueOf(
  { value, attachment }: Pick<Decision, 'value' | 'attachment'>,
  attachments: Pick<Attachments, 'readJson'>,
): Promise<Json> {
  return attachment === undefined ? value : attachments.readJson(attachment)
}

/** Resolves with the first decision about a subject, once the log has one. Rejects when `signal` aborts. */
export function firstDecision(
  { db, order }: Pick<DecisionContext, 'db' | 'order'>,
  subject: string,
  signal: AbortSignal,
): Promise<Decision> {
  const { promise, resolve, reject } = deferred<Decision>()
  const check = (): void => {
    const decision = order.firstDecision(subject)
    if (decision !== undefined) resolve(decision)
  }
  const stop = db.observe({ onChanges: check })
  const onAbort = (): void => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  check()
  return promise.finally(() => {
    stop()
    signal.removeEventListener('abort', onAbort)
  })
}
