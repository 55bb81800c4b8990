import { BranchIcon, EditIcon, RepeatIcon } from '@streamdb/example-shared/page'
import type { Message, Run } from '@streamdb/session'
import { useBranches } from '@streamdb/session/react'
import type { ReactNode } from 'react'
import { useAttempt } from './attempts.ts'
import { useRoom, useWorkplace } from './contexts.ts'
import { forkSession } from './fork-session.ts'
import { isActive } from './use-rows.ts'

interface MessageActionsProps {
  readonly message: Message
  readonly run: Run | undefined
  readonly onEdit: () => void
}

/** What can be done with a message: edit one's own, ask an agent again, go on from here in another session. */
export function MessageActions({ message, run, onEdit }: MessageActionsProps) {
  const { session, id } = useRoom()
  const { regenerate } = useBranches(message)
  const attempt = useAttempt()
  const { me, directory } = useWorkplace()
  const isAnswer = message.role === 'assistant' && (run === undefined || !isActive(run))
  return (
    <div className="actions">
      {message.author === me.id && (
        <Action label="Edit" onAct={onEdit}>
          <EditIcon />
        </Action>
      )}
      {isAnswer && (
        <Action label="Answer again" onAct={() => attempt('Another answer was not asked for', regenerate)}>
          <RepeatIcon />
        </Action>
      )}
      <Action
        label="Fork from here"
        onAct={() =>
          attempt('The session was not forked', () => forkSession({ session, directory, id }, message.id))
        }
      >
        <BranchIcon />
      </Action>
    </div>
  )
}

interface ActionProps {
  readonly label: string
  readonly onAct: () => void
  readonly children: ReactNode
}

function Action({ label, onAct, children }: ActionProps) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onAct}>
      {children}
    </button>
  )
}
