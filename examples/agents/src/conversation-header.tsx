import { ArchiveIcon, BinIcon, BranchIcon, EditIcon, SearchIcon } from '@streamdb/example-shared/page'
import { mainBranch } from '@streamdb/session'
import { useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { useAttempt } from './attempts.ts'
import { useRoom, useWorkplace } from './contexts.ts'
import { forkSession } from './fork-session.ts'
import { People } from './people.tsx'

interface ConversationHeaderProps {
  readonly title: string
  readonly isArchived: boolean
  readonly onSearch: () => void
}

/** What the session is called, who is there, and what can be done with all of it. */
export function ConversationHeader({ title, isArchived, onSearch }: ConversationHeaderProps) {
  const { session, id, branch, setBranch } = useRoom()
  const { directory } = useWorkplace()
  const attempt = useAttempt()
  const [isRenaming, setIsRenaming] = useState(false)
  const question = useRef<HTMLDialogElement>(null)

  function remove(): void {
    question.current?.close()
    attempt('The session was not deleted', async () => {
      await directory.delete(id)
      location.hash = ''
    })
  }

  return (
    <header className="pane-header">
      {isRenaming ? (
        <TitleBox id={id} title={title} onEnd={() => setIsRenaming(false)} />
      ) : (
        <h2 title={title}>{title}</h2>
      )}
      {branch !== mainBranch && (
        <button type="button" className="small-button" onClick={() => setBranch(mainBranch)}>
          To the first version
        </button>
      )}
      <People />
      <div className="tools">
        <Tool label="Search" onAct={onSearch}>
          <SearchIcon />
        </Tool>
        <Tool label="Rename" onAct={() => setIsRenaming(true)}>
          <EditIcon />
        </Tool>
        <Tool
          label="Fork"
          onAct={() => attempt('The session was not forked', () => forkSession({ session, directory, id }))}
        >
          <BranchIcon />
        </Tool>
        <Tool
          label={isArchived ? 'Bring back from the archive' : 'Move to the archive'}
          onAct={() => void directory.archive(id, !isArchived)}
        >
          <ArchiveIcon />
        </Tool>
        <Tool label="Delete" onAct={() => question.current?.showModal()}>
          <BinIcon />
        </Tool>
      </div>
      <dialog ref={question} className="dialog" aria-label={`Delete ${title}`}>
        <p className="notice-title">Delete “{title}”?</p>
        <p className="notice-text">It is gone for everybody. The archive keeps it.</p>
        <div className="decide">
          <button type="button" className="primary" onClick={remove}>
            Delete
          </button>
          <button type="button" onClick={() => question.current?.close()}>
            Keep it
          </button>
        </div>
      </dialog>
    </header>
  )
}

interface TitleBoxProps {
  readonly id: string
  readonly title: string
  readonly onEnd: () => void
}

function TitleBox({ id, title, onEnd }: TitleBoxProps) {
  const { directory } = useWorkplace()
  const [text, setText] = useState(title)

  function save(): void {
    if (text.trim() !== '' && text.trim() !== title) void directory.rename(id, text.trim())
    onEnd()
  }

  return (
    <input
      className="title-box"
      aria-label="Title"
      value={text}
      autoFocus
      onFocus={({ target }) => target.select()}
      onChange={({ target }) => setText(target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return
        if (event.key === 'Enter') save()
        if (event.key === 'Escape') onEnd()
      }}
    />
  )
}

interface ToolProps {
  readonly label: string
  readonly onAct: () => void
  readonly children: ReactNode
}

function Tool({ label, onAct, children }: ToolProps) {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onAct}>
      {children}
    </button>
  )
}
