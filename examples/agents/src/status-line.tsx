import { StopIcon } from '@streamdb/example-shared/page'
import { SessionError } from '@streamdb/session'
import type { MessageView, Run, Session } from '@streamdb/session'
import { usePresence } from '@streamdb/session/react'
import { useLayoutEffect, useRef } from 'react'
import { useAttempt } from './attempts.ts'
import { useNameOf, useRoom } from './contexts.ts'
import { focusComposer } from './focus-composer.ts'
import { isActive, useRuns } from './use-rows.ts'

const doing: Readonly<Record<string, string>> = {
  running: 'is answering',
  waiting: 'waits for a decision',
  interrupted: 'was interrupted',
}

/** Who works, with a button that stops it, and who writes. Has the same height whether or not somebody does. */
export function StatusLine({ messages }: { readonly messages: readonly MessageView[] }) {
  const { session } = useRoom()
  const attempt = useAttempt()
  const runs = useActiveRuns(messages)
  return (
    <div className="status-line">
      {runs.map((run) => (
        <RunStatus
          key={run.id}
          run={run}
          onStop={() => attempt('It was not stopped', () => stop(session, run))}
        />
      ))}
      <Typists />
    </div>
  )
}

async function stop(session: Session, run: Run): Promise<void> {
  try {
    await session.cancel(run)
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof SessionError && error.code === 'run-over')) throw error
  }
}

/** Returns the runs that go on, of those whose messages are shown. */
export function useActiveRuns(messages: readonly MessageView[]): readonly Run[] {
  const { session } = useRoom()
  const shown = new Set(messages.map(({ message }) => message.run))
  return useRuns(session).filter((run) => isActive(run) && shown.has(run.id))
}

function RunStatus({ run, onStop }: { readonly run: Run; readonly onStop: () => void }) {
  const name = useNameOf()(run.agent)
  const button = useRef<HTMLButtonElement>(null)

  // It goes away with the run: the focus is not to be lost with it.
  useLayoutEffect(() => {
    const own = button.current
    return () => {
      if (document.activeElement === own) focusComposer()
    }
  }, [])

  return (
    <p className="run-status">
      <span>
        {name} {doing[run.status]}
      </span>
      <button ref={button} type="button" className="small-button" onClick={onStop}>
        <StopIcon />
        Stop<span className="visually-hidden"> {name}</span>
      </button>
    </p>
  )
}

function Typists() {
  const nameOf = useNameOf()
  const { typing } = usePresence()
  const names = [...new Set(typing.map(({ participant }) => nameOf(participant)))]
  if (names.length === 0) return undefined
  return (
    <p className="typists">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {new Intl.ListFormat('en').format(names)} {names.length === 1 ? 'is' : 'are'} typing
    </p>
  )
}
