import { useStreamDB, useStreamStatus } from '@streamdb/react'
import type { Database } from './database.ts'

/** Says what keeps the page from following the log; nothing while nothing does. */
export function Trouble() {
  const status = useStreamStatus()
  const db = useStreamDB<Database>()
  switch (status.name) {
    case 'idle':
    case 'connecting':
    case 'catching-up':
    case 'live':
    case 'ended':
    case 'closed':
      return undefined
    case 'offline':
      return (
        <div className="trouble" role="alert">
          <p>
            You are offline. What is shown may be out of date. The page continues by itself when the network
            is back.
          </p>
        </div>
      )
    case 'reconnecting':
    case 'needs-auth':
      return (
        <div className="trouble" role="alert">
          <p>The server does not answer. What is shown may be out of date. The page retries by itself.</p>
          <button type="button" onClick={() => db.retry()}>
            Try now
          </button>
        </div>
      )
    case 'failed':
      return (
        <div className="trouble" role="alert">
          <p>The page no longer follows the log: {status.error.message}</p>
          <button type="button" onClick={() => db.retry()}>
            Try again
          </button>
        </div>
      )
  }
}
