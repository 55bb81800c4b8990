import { useConnectionLost, usePendingWrites, useReadable, useStreamStatus } from '@streamdb/react'
import type { Status } from '@streamdb/react'
import type { ReactNode } from 'react'
import { useChat, useRoom } from './chat-context.ts'
import { useConnectionSwitch } from './connection-switch.tsx'
import { useCurrentSecond } from './use-current-second.ts'

/** A connection that is lost for a shorter time is not mentioned, in milliseconds. */
const patience = 1_500

/** Says what keeps the room from being followed; nothing while nothing does, or not for long. */
export function ConnectionBanner() {
  const { network } = useChat()
  const { db } = useRoom()
  const isOff = useReadable(network.isOff)
  const isLost = useConnectionLost(patience, db)
  const status = useStreamStatus(db)
  const switchConnection = useConnectionSwitch()
  const pending = usePendingWrites(db).length
  const kept =
    pending === 0 ? 'What you write is kept, and sent when you are back.' : `${pending} waiting to be sent.`

  if (isOff) {
    return (
      <Banner text={`You are offline. ${kept}`}>
        <button type="button" onClick={() => switchConnection(false)}>
          Go online
        </button>
      </Banner>
    )
  }
  if (isLost && status.name === 'offline') return <Banner text={`You are offline. ${kept}`} />
  if (isLost) {
    return (
      <Banner text={`The connection is lost. ${kept}`}>
        {status.name === 'reconnecting' && <Attempts status={status} />}
        <button type="button" onClick={() => db.retry()}>
          Try now
        </button>
      </Banner>
    )
  }
  if (status.name === 'failed' || status.name === 'needs-auth') {
    return (
      <Banner
        text={`The room is no longer followed: ${status.error.message.replaceAll(db.stream.url, 'the room')}`}
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
  readonly text: string
  readonly children?: ReactNode
}

function Banner({ text, children }: BannerProps) {
  return (
    <div className="trouble">
      <p role="alert">{text}</p>
      <div className="trouble-side">{children}</div>
    </div>
  )
}

/** Counts the seconds; hidden from screen readers, which would read every one. */
function Attempts({ status }: { readonly status: Extract<Status, { readonly name: 'reconnecting' }> }) {
  const now = useCurrentSecond()
  const since = Math.max(0, Math.round((now - status.since) / 1_000))
  const next = Math.ceil((status.nextTry - now) / 1_000)
  return (
    <p className="attempts" aria-hidden="true">
      for {since} s, {next > 0 ? `next try in ${next} s` : 'trying…'}
    </p>
  )
}
