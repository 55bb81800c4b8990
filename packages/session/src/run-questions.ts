import { randomId, withLinkedSignal } from '@streamdb/log'
import { firstDecision, valueOf } from './decisions.ts'
import { SessionError } from './errors.ts'
import type { AgentRunContext } from './run-context.ts'
import type { Approval, ApprovalStatus, Decision, Json } from './rows.ts'
import type { SessionParts } from './session-parts.ts'
import { sessionState } from './session-state.ts'

/** What a run asks the participants. */
export interface Question {
  /** The question's id, where a toolkit gave it one; unique in the session. Default: an id by its place in the run. */
  readonly id?: string | undefined
  readonly question?: string | undefined
  readonly data?: Json
  /** `approval`, the default: yes or no. `input`: an answer of any shape. */
  readonly kind?: Approval['kind'] | undefined
  /** The tool call that it is about. */
  readonly toolCall?: string | undefined
  /** After how many milliseconds it expires. Default: never. */
  readonly expiresIn?: number | undefined
}

/** How a question was answered. */
export interface Answer {
  readonly status: 'approved' | 'denied' | 'answered'
  readonly value?: Json
  /** The participant who decided. */
  readonly by: string
  readonly reason?: string | undefined
}

/** In milliseconds. */
const longestTimer = 2 ** 31 - 1

/** Asks for a run, and writes what became of it: the run's holder alone does. */
export class RunQuestions {
  readonly #context: AgentRunContext
  #asked = 0
  #waiting = 0

  constructor(context: AgentRunContext) {
    this.#context = context
  }

  /**
   * Asks, and waits for the first decision in the log. A question that an earlier attempt has asked, in the same place and in
   * the same words, is not asked again.
   */
  async ask(question: Question): Promise<Answer> {
    const { session, held, signal } = this.#context
    signal.throwIfAborted()
    const { approval, isKnown } = this.#approvalOf(question)
    const known = await toAnswer(approval, session.attachments)
    if (known !== undefined) return known
    if (approval.status === 'expired') {
      // Its last holder may have died before it said that somebody was faster.
      const decision = session.order.firstDecision(approval.id)
      if (decision === undefined) throw expired(approval)
      return this.#end(decided(approval, decision))
    }
    this.#waiting++
    const value = approval
    await held.append([
      ...(isKnown ? [] : [sessionState.approvals.insert({ value })]),
      held.change({ status: 'waiting' }),
    ])
    const timeout = approval.expiresAt === undefined ? undefined : new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const wait = (): void => {
      const left = (approval.expiresAt ?? 0) - session.clock.now()
      // A timer takes no more than some 25 days.
      timer = setTimeout(
        left > longestTimer ? wait : () => timeout?.abort(expired(approval)),
        Math.min(longestTimer, Math.max(0, left)),
      )
    }
    if (timeout !== undefined) wait()
    try {
      const decision = await withLinkedSignal([signal, timeout?.signal], (linked) =>
        firstDecision(session, approval.id, linked),
      )
      this.#waiting--
      return await this.#end(decided(approval, decision))
    } catch (error) {
      if (timeout?.signal.aborted !== true || signal.aborted) throw error
      const late = await this.#expire(approval)
      if (late === undefined) throw error
      return await this.#answer(late)
    } finally {
      clearTimeout(timer)
    }
  }

  async #end(approval: Approval): Promise<Answer> {
    await this.#put(approval)
    return this.#answer(approval)
  }

  /**
   * Writes that a question has expired. A decision that is before that in the log was in time, and counts: resolves with the approval
   * by it then.
   */
  async #expire(approval: Approval): Promise<Approval | undefined> {
    const { session, signal } = this.#context
    const txid = randomId()
    this.#waiting--
    await this.#put({ ...approval, status: 'expired' }, txid)
    await session.db.utils.awaitTxId(txid, { signal })
    const decision = session.order.firstDecision(approval.id)
    if (decision === undefined) return undefined
    const late = decided(approval, decision)
    await this.#put(late)
    return late
  }

  async #put(approval: Approval, txid?: string): Promise<void> {
    const { held } = this.#context
    const headers = txid === undefined ? {} : { txid }
    await held.append([
      sessionState.approvals.update({ value: approval, headers }),
      ...(this.#waiting === 0 && held.row.status === 'waiting' ? [held.change({ status: 'running' })] : []),
    ])
  }

  async #answer(approval: Approval): Promise<Answer> {
    const answer = await toAnswer(approval, this.#context.session.attachments)
    // It was decided: its status is one of an answer.
    return answer ?? { status: 'denied', by: '' }
  }

  #approvalOf({ id: given, question, data, kind = 'approval', toolCall, expiresIn }: Question): {
    readonly approval: Approval
    readonly isKnown: boolean
  } {
    const { held, session } = this.#context
    const { id: run, agent, attempt, epoch } = held.row
    const id = given ?? `${run}.ask${this.#asked++}`
    const asked: Approval = {
      ...{ id, run, agent, kind, status: 'pending' },
      ...(question === undefined ? {} : { question }),
      ...(data === undefined ? {} : { data }),
      ...(toolCall === undefined ? {} : { toolCall }),
      ...(expiresIn === undefined ? {} : { expiresAt: session.clock.now() + expiresIn }),
    }
    const known = held.approval(id)
    if (known === undefined) return { approval: asked, isKnown: false }
    // What was approved for other words, or another input, is not approved for these.
    if (wordsOf(known) === wordsOf(asked)) return { approval: known, isKnown: true }
    const other = held.approval(`${id}.${attempt}`)
    if (other === undefined) return { approval: { ...asked, id: `${id}.${attempt}` }, isKnown: false }
    if (wordsOf(other) === wordsOf(asked)) return { approval: other, isKnown: true }
    return { approval: { ...asked, id: `${id}.${attempt}.${epoch}` }, isKnown: false }
  }
}

function wordsOf({ question, data, kind }: Approval): string {
  return JSON.stringify([question, data, kind])
}

function decided(approval: Approval, { id, actor, verdict, value, attachment, reason }: Decision): Approval {
  const statuses: Readonly<Record<Decision['verdict'], ApprovalStatus>> = {
    approve: 'approved',
    answer: 'answered',
    deny: 'denied',
    cancel: 'denied',
  }
  return {
    ...approval,
    ...{ status: statuses[verdict], decision: id, by: actor },
    ...(value === undefined ? {} : { value }),
    ...(attachment === undefined ? {} : { attachment }),
    ...(reason === undefined ? {} : { reason }),
  }
}

async function toAnswer(
  approval: Approval,
  attachments: SessionParts['attachments'],
): Promise<Answer | undefined> {
  const { status, by = '', reason } = approval
  if (status !== 'approved' && status !== 'denied' && status !== 'answered') return undefined
  return { status, value: await valueOf(approval, attachments), by, reason }
}

function expired({ id }: Approval): SessionError {
  return new SessionError('expired', `Nobody decided "${id}" in time`)
}
