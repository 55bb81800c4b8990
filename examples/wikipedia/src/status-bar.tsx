import { ConnectionIndicator, connectionLabel, number } from '@streamdb/example-shared/page'
import { useStreamStatus } from '@streamdb/react'
import { useSource } from './use-source.ts'
import { useDescription } from './workplace.ts'

/** The bar at the bottom: the status of the stream, and how many changes there were and are kept. */
export function StatusBar() {
  const status = useStreamStatus()
  const source = useSource()
  const { keep } = useDescription()
  return (
    <footer className="status">
      <ConnectionIndicator label={connectionLabel(status)} />
      <dl>
        <div className="fact">
          <dt>received</dt>
          <dd>{number(source?.received ?? 0)}</dd>
        </div>
        <div className="fact" title="Older changes are deleted">
          <dt>kept at most</dt>
          <dd>{number(keep)}</dd>
        </div>
      </dl>
    </footer>
  )
}
