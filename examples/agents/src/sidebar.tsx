import { ArchiveIcon, PlusIcon, relativeTime, useNow } from '@streamdb/example-shared/page'
import type { DirectoryEntry } from '@streamdb/session'
import { useDirectory } from '@streamdb/session/react'
import { useState } from 'react'
import { AgentPanel } from './agent-panel.tsx'
import { useWorkplace } from './contexts.ts'
import { addressOf } from './use-route.ts'
import { streamOf } from './workplace.ts'

interface SidebarProps {
  /** The session that is shown. */
  readonly current: string | undefined
  readonly onChoose: () => void
}

/** The sessions, those with the latest activity first, and the agents. */
export function Sidebar({ current, onChoose }: SidebarProps) {
  const { directory, sessions, archived } = useDirectory(useWorkplace().directory)
  const [isArchive, setIsArchive] = useState(false)
  const shown = isArchive ? archived : sessions

  function create(): void {
    const id = crypto.randomUUID().slice(0, 8)
    void directory.create({ id, url: streamOf(id), title: 'New session' })
    location.hash = addressOf(id)
    onChoose()
  }

  return (
    <div className="sidebar">
      <nav aria-label="Sessions">
        <div className="sidebar-head">
          <h2>{isArchive ? 'Archive' : 'Sessions'}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label="Archive"
            title="Archive"
            aria-pressed={isArchive}
            onClick={() => setIsArchive(!isArchive)}
          >
            <ArchiveIcon />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="New session"
            title="New session"
            onClick={create}
          >
            <PlusIcon />
          </button>
        </div>
        <ul role="list" className="sessions">
          {shown.map((entry) => (
            <li key={entry.id}>
              <SessionLink entry={entry} isCurrent={entry.id === current} onChoose={onChoose} />
            </li>
          ))}
        </ul>
        {shown.length === 0 && (
          <p className="none">{isArchive ? 'Nothing is archived.' : 'There are no sessions.'}</p>
        )}
      </nav>
      <AgentPanel />
    </div>
  )
}

interface SessionLinkProps {
  readonly entry: DirectoryEntry
  readonly isCurrent: boolean
  readonly onChoose: () => void
}

function SessionLink({ entry, isCurrent, onChoose }: SessionLinkProps) {
  const now = useNow()
  const { id, title = 'Untitled', lastActivity, isRunning, unread } = entry
  return (
    <a
      className="session"
      href={addressOf(id)}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={onChoose}
    >
      <span className="session-title">{title}</span>
      <span className="session-about">
        {isRunning ? (
          <span className="indicator busy">
            <span className="light" aria-hidden="true" />
            an agent works
          </span>
        ) : (
          lastActivity !== undefined && relativeTime(lastActivity, now)
        )}
      </span>
      {unread > 0 && !isCurrent && (
        <span className="badge">
          {unread}
          <span className="visually-hidden"> unread</span>
        </span>
      )}
    </a>
  )
}
