import { SessionError } from '@streamdb/session'
import type { Approval, Decision } from '@streamdb/session'
import { useLiveQuery } from '@streamdb/react'
import { useRef, useState } from 'react'
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
  const [notice, setNotice] = useState<string>()
  const decisions = useLiveQuery(session.collections.decisions).data
  const made = decisions.find(({ subject }) => subject === approval.id)
  const isOpen = approval.status === 'pending' && made === undefined

  function decide(decision: Promise<unknown>): void {
    // The buttons go away: the focus is not to be lost with them.
    card.current?.focus()
    decision.catch((error: unknown) => setNotice(noticeOf(error, nameOf)))
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
          <button type="button" className="primary" onClick={() => decide(session.approve(approval))}>
            Approve
          </button>
          <button type="button" onClick={() => decide(session.deny(approval))}>
            Deny
          </button>
          <span className="hint">Anybody here may decide</span>
        </div>
      )}
      {isOpen && approval.kind === 'input' && (
        <div className="decide">
          {optionsOf(approval.data).map((option) => (
            <button key={option} type="button" onClick={() => decide(session.answer(approval, option))}>
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

function noticeOf(error: unknown, nameOf: (id: string) => string): string {
  if (error instanceof SessionError && error.code === 'already-decided' && error.winner !== undefined) {
    const { actor, verdict } = error.winner as Decision // which this code comes with
    return `${nameOf(actor)} was first, and has ${words[verdict]} it.`
  }
  return error instanceof Error ? error.message : String(error)
}

/** The answers that an agent offers. */
function optionsOf(data: unknown): readonly string[] {
  const options: unknown = Reflect.get(Object(data), 'options')
  return Array.isArray(options) ? options.map(String) : []
}
