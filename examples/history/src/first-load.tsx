import { Notice, quantity } from '@streamdb/example-shared/page'
import { useStreamDB, useStreamStatus } from '@streamdb/react'
import type { Database } from './database.ts'

/** Says how far the first load has come, or why it does not come further. */
export function FirstLoad() {
  const status = useStreamStatus()
  const db = useStreamDB<Database>()
  switch (status.name) {
    case 'idle':
    case 'connecting':
      return <Notice title="Reading the log…" busy />
    case 'catching-up':
      return <Notice title="Reading the log…" text={quantity(status.progress.events, 'event')} busy />
    case 'live':
      return <Notice title="Importing the history…" text="The first commits will appear soon." busy />
    case 'offline':
      return <Notice title="You are offline" text="Reading continues when the network is back." />
    case 'reconnecting':
    case 'needs-auth':
    case 'failed':
      return (
        <Notice title="The log cannot be read" text={status.error.message}>
          <button type="button" onClick={() => db.retry()}>
            Try again
          </button>
        </Notice>
      )
    case 'ended':
    case 'closed':
      return <Notice title="The log is closed" />
  }
}
