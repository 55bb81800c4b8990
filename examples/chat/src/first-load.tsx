import { Notice, quantity } from '@streamdb/example-shared/page'
import { useStreamStatus } from '@streamdb/react'
import { useRoom } from './chat-context.ts'

/** Says how far the first load has come, or why it does not come further. */
export function FirstLoad() {
  const { db, name } = useRoom()
  const status = useStreamStatus(db)
  switch (status.name) {
    case 'idle':
    case 'connecting':
    case 'live':
      return <Notice title={`Opening the ${name}…`} busy />
    case 'catching-up':
      return <Notice title={`Opening the ${name}…`} text={quantity(status.progress.events, 'event')} busy />
    case 'offline':
      return <Notice title="You are offline" text="Reading continues when the network is back." />
    case 'reconnecting':
    case 'needs-auth':
    case 'failed':
      return (
        <Notice title="The room cannot be read" text={status.error.message.replaceAll(db.stream.url, 'it')}>
          <button type="button" onClick={() => db.retry()}>
            Try again
          </button>
        </Notice>
      )
    case 'ended':
    case 'closed':
      return <Notice title="The room is closed" />
  }
}
