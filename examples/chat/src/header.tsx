import { ChatIcon, HomeLink, WindowLink, WindowOf } from '@streamdb/example-shared/page'
import { useChat } from './chat-context.ts'
import type { Room } from './room.ts'
import { addressOf } from './use-route.ts'

/** Whose window this is, and links to a second one and to the other examples. */
export function Header({ room }: { readonly room: Room | undefined }) {
  const { me, description, rooms } = useChat()
  const id = (room ?? rooms[0])?.id ?? ''
  const { home, people } = description
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
        <HomeLink home={home} />
        <WindowLink href={addressOf(id, next.id)} name={next.name} />
      </nav>
      <WindowOf id={me.id} name={me.name} />
    </header>
  )
}
