import { ConnectionIndicator, connectionLabel, number } from '@streamdb/example-shared/page'
import { usePendingWrites, useStreamStatus } from '@streamdb/react'

/** The bar at the bottom: the status of the stream, and what is not stored yet. */
export function StatusBar() {
  const status = useStreamStatus()
  const writes = usePendingWrites()
  return (
    <footer className="status">
      <ConnectionIndicator label={connectionLabel(status)} />
      <dl>
        <div className="fact" title="Transactions of this page that the stream does not have yet">
          <dt>unsent</dt>
          <dd>{number(writes.length)}</dd>
        </div>
      </dl>
    </footer>
  )
}
