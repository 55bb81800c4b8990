import { useReadable } from '@streamdb/react'
import { useState } from 'react'
import { useWorkplace } from './contexts.ts'
import { Header } from './header.tsx'
import { NoSession } from './no-session.tsx'
import type { Panel } from './panel.ts'
import { RoomPane } from './room-pane.tsx'
import { Sidebar } from './sidebar.tsx'
import { useRoute } from './use-route.ts'

/** The whole page. */
export function App() {
  const { directory } = useWorkplace()
  const entries = useReadable(directory)
  const route = useRoute()
  const [panel, setPanel] = useState<Panel>('conversation')
  const id = route.session === '' ? entries.find(({ archived }) => archived !== true)?.id : route.session
  // A session that has just been made here is listed before the address names it.
  const isListed = entries.some((entry) => entry.id === id)

  return (
    <div className={`page shows-${panel}`}>
      <Header panel={panel} onPanel={setPanel} />
      <main>
        <Sidebar current={id} onChoose={() => setPanel('conversation')} />
        {id !== undefined && isListed ? (
          <RoomPane key={id} id={id} branch={route.branch} />
        ) : (
          <NoSession id={route.session} />
        )}
      </main>
    </div>
  )
}
