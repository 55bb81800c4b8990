import { Avatar, useStore } from '@streamdb/example-shared/page'
import type { MouseEvent } from 'react'
import { useChat } from './chat-context.ts'
import { ChatIcon, HistoryIcon, WindowIcon } from './icons.tsx'
import type { Room } from './room.ts'
import { addressOf } from './use-route.ts'

/** Whose window this is, and links to a second one and to the history. */
export function Header({ room }: { readonly room: Room | undefined }) {
  const { me, description, rooms } = useChat()
  const id = (room ?? rooms[0])?.id ?? ''
  const { history, people } = useStore(description)
  const next = people[(people.findIndex((person) => person.id === me.id) + 1) % people.length] ?? me

  return (
    <header className="header">
      <h1 className="brand">
        <ChatIcon />
        <span className="brand-name">
          StreamDB <span className="quiet">chat</span>
        </span>
      </h1>
      <nav className="ways" aria-label="Elsewhere">
        {history.name === 'open' && (
          <a className="way" href={history.url}>
            <HistoryIcon />
            <span className="way-words">History of the code</span>
          </a>
        )}
        <a
          className="way main-way"
          href={addressOf(id, next.id)}
          target="_blank"
          rel="opener"
          onClick={openBeside}
        >
          <WindowIcon />
          <span>
            <span className="way-words">Open a window as </span>
            {next.name}
          </span>
        </a>
      </nav>
      <p className="me">
        <span className="visually-hidden">You are </span>
        <Avatar id={me.id} name={me.name} />
        <span className="me-name">{me.name}</span>
      </p>
    </header>
  )
}

/** Opens a link in a separate window; where popups are blocked, the link opens a tab. */
function openBeside(event: MouseEvent<HTMLAnchorElement>): void {
  const opened = open(event.currentTarget.href, '_blank', 'popup,width=720,height=800')
  if (opened !== null) event.preventDefault()
}
