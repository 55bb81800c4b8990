import { useEffect } from 'react'
import { RoomProvider, useChat } from './chat-context.ts'
import { Header } from './header.tsx'
import { RoomPane } from './room-pane.tsx'
import { Sidebar } from './sidebar.tsx'
import { useRoute } from './use-route.ts'

/** The whole page. */
export function App() {
  const chat = useChat()
  const room = useRoute(chat)

  useEffect(() => {
    if (room !== undefined) document.title = `${room.name} · ${chat.me.name}`
  }, [room, chat])

  if (room === undefined) return undefined
  return (
    <RoomProvider value={room}>
      <div className="page">
        <Header />
        <Sidebar />
        <RoomPane key={room.id} />
      </div>
    </RoomProvider>
  )
}
