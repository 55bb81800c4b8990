import { ConnectionIndicator, connectionLabel } from '@streamdb/example-shared/page'
import { useReadable, useStreamStatus } from '@streamdb/react'
import { useChat } from './chat-context.ts'
import type { Room } from './room.ts'

/** The status of a room's stream, and the switch that cuts this window off. */
export function ConnectionSwitch({ room }: { readonly room: Room }) {
  const isOff = useReadable(useChat().network.isOff)
  const switchConnection = useConnectionSwitch()
  const status = useStreamStatus(room.db)

  return (
    <div className="connection">
      <ConnectionIndicator label={isOff ? ['Offline', 'bad'] : connectionLabel(status)} />
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={!isOff}
        aria-label="Connection"
        title={isOff ? 'Go online' : 'Cut this window off'}
        onClick={() => switchConnection(!isOff)}
      >
        <span className="track" aria-hidden="true" />
      </button>
    </div>
  )
}

/** Returns what switches the connection off, or on and makes every room retry at once. */
export function useConnectionSwitch(): (off: boolean) => void {
  const { network, rooms } = useChat()
  return (off) => {
    network.switch(off)
    if (!off) for (const { db } of rooms) db.retry()
  }
}
