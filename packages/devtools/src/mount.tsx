import { createRoot } from 'react-dom/client'
import { databaseSource } from './feeds/database-source.ts'
import type { InspectedDatabase } from './feeds/inspected-database.ts'
import { styleSheet } from './styles/style-sheet.ts'
import { InspectorDock } from './ui/inspector-dock.tsx'

/** How an inspector is mounted. */
export interface MountOptions {
  readonly db: InspectedDatabase
  readonly allowEdits: boolean
  readonly isOpen: boolean
}

/** An inspector on a page. */
export interface MountedInspector {
  readonly unmount: () => void
}

/**
 * Shows the inspector in a shadow root of its own, at the end of the page: neither its styles nor the application's reach the
 * other. Its React root is its own as well: what fails in it leaves the application alone.
 */
export function mountInspector({ db, allowEdits, isOpen }: MountOptions): MountedInspector {
  const host = document.createElement('div')
  host.dataset['streamdbInspector'] = ''
  const shadow = host.attachShadow({ mode: 'open' })
  shadow.adoptedStyleSheets = [styleSheet()]
  const container = document.createElement('div')
  shadow.append(container)
  document.body.append(host)
  const root = createRoot(container)
  root.render(<InspectorDock source={databaseSource(db, { allowEdits })} isOpenAtFirst={isOpen} />)
  return {
    unmount() {
      // Not while React renders the application.
      setTimeout(() => {
        root.unmount()
        host.remove()
      }, 0)
    },
  }
}
