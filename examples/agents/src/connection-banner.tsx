import { useConnectionLost, useStreamStatus } from '@streamdb/react'
import { useRoom } from './contexts.ts'

/** A connection that is lost for a shorter time is not mentioned, in milliseconds. */
const patience = 1_500

/** Says what keeps the session from being followed; nothing while nothing does, or not for long. */
export function ConnectionBanner() {
  const { db } = useRoom().session
  const isLost = useConnectionLost(patience, db)
  const status = useStreamStatus(db)
  if (isLost)
    return (
      <Banner
        text="The connection is lost. What you write is sent when it is back."
        onRetry={() => db.retry()}
      />
    )
  if (status.name !== 'failed' && status.name !== 'needs-auth') return undefined
  return (
    <Banner text={`The session is no longer followed: ${status.error.message}`} onRetry={() => db.retry()} />
  )
}

function Banner({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <div className="trouble">
      <p role="alert">{text}</p>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  )
}
