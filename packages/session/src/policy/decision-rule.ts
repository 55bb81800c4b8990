import type { Approval, Decision } from '../rows.ts'
import { isOwnAgent, isWriter } from './actor.ts'
import type { SessionRole } from './decision.ts'
import { fieldOf } from './row-fields.ts'
import { inOwnName, quote, refuse, rowOf } from './row-write.ts'
import type { Rule, RowWrite } from './row-write.ts'

/** A decision about an approval, and whose it would be. */
export interface ApprovalContext<User> {
  readonly user: User
  readonly role: SessionRole
  readonly stream: string
  readonly approval: Approval
  readonly decision: Decision
}

/**
 * Returns the rule of decisions: in one's own name, once, and about what is there. Who may decide about approvals says `mayDecide`;
 * owners and members answer tool calls and cancel runs, agents cancel their own.
 */
export function decisionRule(mayDecide: (approval: Approval, decision: Decision) => boolean): Rule {
  return (write) => {
    const { key, row, value, rows, actor } = write
    if (row !== undefined) return refuse(write, 'fixed-field', 'a decision stays as it was made')
    if (value === undefined) return undefined
    const { subject } = value
    const refusal = inOwnName(write, 'actor')
    if (refusal !== undefined) return refusal
    if (key !== `${String(subject)}:${String(value['actor'])}`) {
      return refuse(write, 'key-taken', 'a decision is called "subject:actor"')
    }
    const approval = rowOf(rows, 'approval', subject)
    if (approval !== undefined) {
      // Its schema, and the rules of approvals, hold it to be one; this decision is as its schema has it.
      const isAllowed = mayDecide(approval as unknown as Approval, value as unknown as Decision)
      return isAllowed
        ? undefined
        : refuse(write, 'role-forbids', `who decides about ${quote(subject)} is somebody else`)
    }
    const run = rowOf(rows, 'run', subject)
    if (run !== undefined) {
      if (value['verdict'] !== 'cancel')
        return refuse(write, 'unknown-row', 'a run is cancelled, or goes on', 'verdict')
      return isWriter(actor) || isOwnAgent(actor, run['agent'])
        ? undefined
        : refuse(write, 'role-forbids', `its agent is ${quote(run['agent'])}`)
    }
    return answer(write, subject)
  }
}

/** Answers tool calls that are there: one that is yet to come might be a question by then. */
function answer(write: RowWrite, subject: unknown): ReturnType<Rule> {
  const { value, rows, actor } = write
  const isCall = [...rows.entries('part')].some(([, part]) => {
    const { id, kind, toolCall } = Object(part) as Record<string, unknown> // looked at, whatever it is
    return kind === 'tool-call' && (toolCall === subject || id === subject)
  })
  if (!isCall)
    return refuse(write, 'unknown-row', `there is no approval, run or tool call ${quote(subject)}`, 'subject')
  if (fieldOf(value ?? {}, 'verdict') !== 'answer') {
    return refuse(write, 'unknown-row', 'a tool call is answered', 'verdict')
  }
  return isWriter(actor) ? undefined : refuse(write, 'role-forbids', 'owners and members answer tool calls')
}
