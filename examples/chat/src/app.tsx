import { StreamDBInspector } from '@streamdb/devtools'
import { useEffect } from 'react'
import { RoomProvider, useChat } from './chat-context.ts'
import { Header } from './header.tsx'
import { RoomPane } from './room-pane.tsx'
import { Sidebar } from './sidebar.tsx'
import { UnknownRoom } from './unknown-room.tsx'
import { useRoute } from './use-route.ts'

/** The whole page. */
export function App() {
  const chat = useChat()
  const route = useRoute(chat)
  const room = route.name === 'room' ? route.room : undefined
  const title = `${room?.name ?? 'No such room'} · ${chat.me.name}`

  useEffect(() => {
    document.title = title
  }, [title])

  return (
    <div className="page">
      <Header room={room} />
      <Sidebar room={room} />
      {route.name === 'room' ? (
        <RoomProvider value={route.room}>
          <RoomPane key={route.room.id} />
          <StreamDBInspector db={route.room.db} allowEdits />
        </RoomProvider>
      ) : (
        <UnknownRoom id={route.id} />
      )}
    </div>
  )
}
