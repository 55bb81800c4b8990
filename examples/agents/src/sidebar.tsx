import { ArchiveIcon, PlusIcon, relativeTime, useNow } from '@streamdb/example-shared/page'
import type { DirectoryEntry } from '@streamdb/session'
import { useDirectory } from '@streamdb/session/react'
import { useState } from 'react'
import { AgentPanel } from './agent-panel.tsx'
import { useWorkplace } from './contexts.ts'
import { Marked } from './marked.tsx'
import { wordsOf } from './matches.ts'
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
  const [query, setQuery] = useState('')
  const words = wordsOf(query)
  const listed = isArchive ? archived : sessions
  const shown = listed.filter(({ title = '' }) =>
    words.every((word) => title.toLocaleLowerCase().includes(word)),
  )

  function create(): void {
    const id = crypto.randomUUID().slice(0, 8)
    void directory.create({ id, url: streamOf(id), title: 'New session' })
    location.hash = addressOf(id)
    setQuery('')
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
        <input
          type="search"
          className="find-session"
          aria-label="Find a session"
          placeholder="Find a session"
          value={query}
          onChange={({ target }) => setQuery(target.value)}
          onKeyDown={(event) => event.key === 'Escape' && setQuery('')}
        />
        <ul role="list" className="sessions">
          {shown.map((entry) => (
            <li key={entry.id}>
              <SessionLink {...{ entry, words, onChoose }} isCurrent={entry.id === current} />
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p className="none">{noneOf(listed.length > 0, isArchive)}</p>}
      </nav>
      <AgentPanel />
    </div>
  )
}

function noneOf(isFiltered: boolean, isArchive: boolean): string {
  if (isFiltered) return 'No session is called that.'
  return isArchive ? 'Nothing is archived.' : 'There are no sessions.'
}

interface SessionLinkProps {
  readonly entry: DirectoryEntry
  readonly isCurrent: boolean
  /** What is looked for. */
  readonly words: readonly string[]
  readonly onChoose: () => void
}

function SessionLink({ entry, isCurrent, words, onChoose }: SessionLinkProps) {
  const now = useNow()
  const { id, title = 'Untitled', lastActivity, isRunning, unread } = entry
  return (
    <a
      className="session"
      href={addressOf(id)}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={onChoose}
    >
      <span className="session-title">
        <Marked text={title} words={words} />
      </span>
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
