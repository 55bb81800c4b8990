import { quantity } from '@streamdb/example-shared/page'
import { useLiveQuery, useStreamStatus } from '@streamdb/react'
import { useRoom } from './chat-context.ts'
import { Composer } from './composer.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { FeedbackToast } from './feedback-toast.tsx'
import { FirstLoad } from './first-load.tsx'
import { MessageList } from './message-list.tsx'
import { TypingLine } from './typing-line.tsx'
import { useUndoKeys } from './use-undo-keys.ts'

/** A room: its messages, or why there are none yet, and the composer. */
export function RoomPane() {
  const room = useRoom()
  const { data: messages, isReady } = useLiveQuery(room.views.timeline)
  const isFailed = useStreamStatus(room.db).name === 'failed'
  useUndoKeys(room)

  return (
    <main className="pane" aria-labelledby="room-title">
      <header className="pane-header">
        <h2 id="room-title">{room.name}</h2>
        <p className="quiet">{room.about}</p>
        {isReady && <p className="quiet count">{quantity(messages.length, 'message')}</p>}
      </header>
      {isReady && <ConnectionBanner />}
      {isReady ? <MessageList messages={messages} /> : <FirstLoad />}
      {(isReady || !isFailed) && (
        <div className="foot">
          <FeedbackToast />
          <TypingLine />
          <Composer />
        </div>
      )}
    </main>
  )
}
