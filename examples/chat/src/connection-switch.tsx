import { useStore } from '@streamdb/example-shared/page'
import { useStreamStatus } from '@streamdb/react'
import type { Status } from '@streamdb/react'
import { useChat, useRoom } from './chat-context.ts'

/** What each status is called, and how it looks. */
const shown: Record<Status['name'], readonly [label: string, tone: 'good' | 'busy' | 'bad']> = {
  idle: ['Not started', 'busy'],
  connecting: ['Connecting', 'busy'],
  'catching-up': ['Catching up', 'busy'],
  live: ['Live', 'good'],
  offline: ['Offline', 'bad'],
  reconnecting: ['Reconnecting', 'bad'],
  'needs-auth': ['Refused', 'bad'],
  ended: ['Ended', 'busy'],
  failed: ['Failed', 'bad'],
  closed: ['Closed', 'bad'],
}

/** How it stands with the room's stream, and the switch that cuts this window off. */
export function ConnectionSwitch() {
  const { network } = useChat()
  const { db } = useRoom()
  const isOff = useStore(network.isOff)
  const goOffOrOn = useSwitch()
  const status = useStreamStatus(db)
  const [label, tone] = isOff ? (['Offline', 'bad'] as const) : shown[status.name]

  return (
    <div className="connection">
      <p role="status" className={tone}>
        <span className="light" aria-hidden="true" />
        <span className="connection-words">{label}</span>
      </p>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={!isOff}
        aria-label="Connection"
        title={isOff ? 'Go online' : 'Cut this window off'}
        onClick={() => goOffOrOn(!isOff)}
      >
        <span className="track" aria-hidden="true" />
      </button>
    </div>
  )
}

/** Returns what switches the connection off, or on; then every room tries at once. */
export function useSwitch(): (off: boolean) => void {
  const { network, rooms } = useChat()
  return (off) => {
    network.switch(off)
    if (!off) for (const { db } of rooms) db.retry()
  }
}
