import { useStore } from '@streamdb/example-shared/page'
import { useConnectionLost, usePendingWrites, useStreamStatus } from '@streamdb/react'
import type { Status } from '@streamdb/react'
import type { ReactNode } from 'react'
import { useChat, useRoom } from './chat-context.ts'
import { useSwitch } from './connection-switch.tsx'
import { useSecond } from './use-second.ts'

/** A blink is no news: this long a connection may be lost before it is one, in milliseconds. */
const patience = 1_500

/** Says what keeps the room from being followed; nothing when nothing does, or not for long. */
export function ConnectionBanner() {
  const { network } = useChat()
  const { db } = useRoom()
  const isOff = useStore(network.isOff)
  const isLost = useConnectionLost(patience, db)
  const status = useStreamStatus(db)
  const goOffOrOn = useSwitch()
  const waiting = usePendingWrites(db).length
  const kept =
    waiting === 0 ? 'What you write is kept, and sent when you are back.' : `${waiting} waiting to be sent.`

  if (isOff) {
    return (
      <Banner words={`You are offline. ${kept}`}>
        <button type="button" onClick={() => goOffOrOn(false)}>
          Go online
        </button>
      </Banner>
    )
  }
  if (isLost && status.name === 'offline') return <Banner words={`You are offline. ${kept}`} />
  if (isLost && status.name === 'reconnecting') {
    return (
      <Banner words={`The connection is lost. ${kept}`}>
        <Attempts status={status} />
        <button type="button" onClick={() => db.retry()}>
          Try now
        </button>
      </Banner>
    )
  }
  if (status.name === 'failed' || status.name === 'needs-auth') {
    return (
      <Banner
        words={`The room is no longer followed: ${status.error.message.replaceAll(db.stream.url, 'it')}`}
      >
        <button type="button" onClick={() => db.retry()}>
          Try again
        </button>
      </Banner>
    )
  }
  return undefined
}

interface BannerProps {
  readonly words: string
  readonly children?: ReactNode
}

function Banner({ words, children }: BannerProps) {
  return (
    <div className="trouble">
      <p role="alert">{words}</p>
      <div className="trouble-side">{children}</div>
    </div>
  )
}

/** Counts the seconds, for the eye alone: read out, they would never end. */
function Attempts({ status }: { readonly status: Extract<Status, { readonly name: 'reconnecting' }> }) {
  const now = useSecond()
  const since = Math.max(0, Math.round((now - status.since) / 1_000))
  const next = Math.ceil((status.nextTry - now) / 1_000)
  return (
    <p className="attempts" aria-hidden="true">
      for {since} s, {next > 0 ? `next try in ${next} s` : 'trying…'}
    </p>
  )
}
