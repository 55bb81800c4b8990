import {
  AgentsIcon,
  ChatIcon,
  HomeLink,
  ListIcon,
  NotesIcon,
  WindowLink,
  WindowOf,
} from '@streamdb/example-shared/page'
import type { ReactNode } from 'react'
import { useWorkplace } from './contexts.ts'
import type { Panel } from './panel.ts'
import { useRoute } from './use-route.ts'

interface HeaderProps {
  readonly panel: Panel
  readonly onPanel: (panel: Panel) => void
}

/** Whose window this is, links to a second one and to the other examples; in a narrow window, what it shows. */
export function Header({ panel, onPanel }: HeaderProps) {
  const { me, description } = useWorkplace()
  const { people, home } = description
  useRoute() // The link to a second window leads to what this one shows.
  const next = people[(people.findIndex((person) => person.id === me.id) + 1) % people.length] ?? me

  return (
    <header className="header">
      <h1 className="brand">
        <AgentsIcon />
        <span className="brand-name">
          StreamDB <span className="quiet">agents</span>
        </span>
      </h1>
      <div className="panels" role="group" aria-label="Show">
        <PanelButton name="sessions" label="Sessions" {...{ panel, onPanel }}>
          <ListIcon />
        </PanelButton>
        <PanelButton name="conversation" label="Conversation" {...{ panel, onPanel }}>
          <ChatIcon />
        </PanelButton>
        <PanelButton name="notes" label="Notes" {...{ panel, onPanel }}>
          <NotesIcon />
        </PanelButton>
      </div>
      <nav className="ways" aria-label="Elsewhere">
        <HomeLink home={home} />
        <WindowLink href={`?as=${encodeURIComponent(next.id)}${location.hash}`} name={next.name} />
      </nav>
      <WindowOf id={me.id} name={me.name} />
    </header>
  )
}

interface PanelButtonProps extends HeaderProps {
  readonly name: Panel
  readonly label: string
  readonly children: ReactNode
}

function PanelButton({ name, label, panel, onPanel, children }: PanelButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={panel === name}
      onClick={() => onPanel(name)}
    >
      {children}
    </button>
  )
}
