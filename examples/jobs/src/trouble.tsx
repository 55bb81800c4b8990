import { useConnectionLost, useStreamDB, useStreamStatus } from '@streamdb/react'
import type { Database } from './database.ts'

/** A connection that is lost for a shorter time is not mentioned, in milliseconds. */
const patience = 1_500

/** Says what keeps the page from following the stream; nothing while nothing does, or not for long. */
export function Trouble() {
  const db = useStreamDB<Database>()
  const isLost = useConnectionLost(patience, db)
  const status = useStreamStatus()
  const text = isLost
    ? 'The server does not answer. What is shown may be out of date; what you start is sent when it is back.'
    : status.name === 'failed' || status.name === 'needs-auth'
      ? `The page no longer follows the stream: ${status.error.message}`
      : undefined
  if (text === undefined) return undefined
  return (
    <div className="trouble">
      <p role="alert">{text}</p>
      <button type="button" onClick={() => db.retry()}>
        Try now
      </button>
    </div>
  )
}
