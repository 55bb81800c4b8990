import type { Approval, Decision } from '@streamdb/session'
import { useApprovals } from '@streamdb/session/react'
import type { ApprovalProgress } from '@streamdb/session/react'
import { useRef } from 'react'
import { useNameOf, useRoom } from './contexts.ts'

const words: Record<Decision['verdict'], string> = {
  approve: 'approved',
  deny: 'denied',
  answer: 'answered',
  cancel: 'cancelled',
}

/** A question of an agent to everybody here: the first who decides counts, and whoever comes second is told so. */
export function ApprovalCard({ approval }: { readonly approval: Approval }) {
  const { session } = useRoom()
  const nameOf = useNameOf()
  const card = useRef<HTMLDivElement>(null)
  const question = useApprovals({ run: approval.run }).find((each) => each.approval.id === approval.id)
  const made = session.decision(approval.id)
  const isOpen = approval.status === 'pending' && question?.progress.name === 'open'
  const notice = question && noticeOf(question.progress, nameOf)

  function decide(decision: Promise<boolean> | undefined): void {
    // The buttons go away: the focus is not to be lost with them.
    card.current?.focus()
    // What became of it is shown.
    void decision
  }

  return (
    <div
      className={`approval${isOpen ? ' open' : ''}`}
      role="group"
      aria-label={approval.question}
      ref={card}
      tabIndex={-1}
    >
      <p className="question">{approval.question}</p>
      {isOpen && approval.kind === 'approval' && (
        <div className="decide">
          <button type="button" className="primary" onClick={() => decide(question.approve())}>
            Approve
          </button>
          <button type="button" onClick={() => decide(question.deny())}>
            Deny
          </button>
          <span className="hint">Anybody here may decide</span>
        </div>
      )}
      {isOpen && approval.kind === 'input' && (
        <div className="decide">
          {optionsOf(approval.data).map((option) => (
            <button key={option} type="button" onClick={() => decide(question.answer(option))}>
              {option}
            </button>
          ))}
        </div>
      )}
      {!isOpen && <p className="outcome">{outcomeOf(approval, made, nameOf)}</p>}
      {notice !== undefined && (
        <p className="refusal" role="alert">
          {notice}
        </p>
      )}
    </div>
  )
}

function outcomeOf(
  { status, by, value }: Approval,
  made: Decision | undefined,
  nameOf: (id: string) => string,
): string {
  switch (status) {
    case 'approved':
      return `Approved by ${nameOf(by ?? '')}`
    case 'denied':
      return `Denied by ${nameOf(by ?? '')}`
    case 'answered':
      return `${nameOf(by ?? '')} chose ${String(value)}`
    case 'expired':
      return 'Nobody decided in time'
    case 'cancelled':
      return 'No longer asked'
    case 'pending':
      // The process that asked has not read it yet.
      return made === undefined ? '' : `${nameOf(made.actor)} has ${words[made.verdict]} it`
  }
}

function noticeOf(progress: ApprovalProgress, nameOf: (id: string) => string): string | undefined {
  switch (progress.name) {
    case 'open':
    case 'deciding':
    case 'decided':
      return undefined
    case 'lost': {
      const { winner } = progress
      if (winner === undefined) return 'Somebody else was first.'
      return `${nameOf(winner.actor)} was first, and has ${words[winner.verdict]} it.`
    }
    case 'failed':
      return progress.error.message
  }
}

/** The answers that an agent offers. */
function optionsOf(data: unknown): readonly string[] {
  const options: unknown = Reflect.get(Object(data), 'options')
  return Array.isArray(options) ? options.map(String) : []
}
