import type { ReactNode } from 'react'
import { Icon } from './icons.tsx'

interface SidePanelProps {
  readonly title: string
  readonly badge?: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
}

/** What is looked at beside a list; over it where there is little room. */
export function SidePanel({ title, badge, onClose, children }: SidePanelProps) {
  return (
    <aside className="side" aria-label={title}>
      <header className="side-head">
        <h2>{title}</h2>
        {badge}
        <span className="space" />
        <button
          type="button"
          className="button icon-button"
          aria-label="Close details"
          aria-keyshortcuts="Escape"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="side-body">{children}</div>
    </aside>
  )
}
