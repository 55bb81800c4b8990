import { ConnectionIndicator, connectionLabel, duration, number } from '@streamdb/example-shared/page'
import { useReadable, useStreamStatus } from '@streamdb/react'
import { useHistory } from './history-context.ts'

/** The bar at the bottom: the status of the log, and figures about reading it. */
export function StatusBar() {
  const status = useStreamStatus()
  const { events, rows, offset, firstLoad } = useReadable(useHistory().reading)

  return (
    <footer className="status">
      <ConnectionIndicator label={connectionLabel(status)} />
      <dl>
        <Fact term="offset" value={offset === undefined ? '–' : shorten(offset)} title={offset} />
        <Fact term="events" value={number(events)} title="Events read since the page was opened" />
        <Fact term="rows" value={number(rows)} title="Commits, authors and files" />
        <Fact
          term="first load"
          value={firstLoad === undefined ? '–' : duration(firstLoad)}
          title="From the first request until everything was on the page"
        />
      </dl>
    </footer>
  )
}

interface FactProps {
  readonly term: string
  readonly value: string
  readonly title?: string | undefined
}

function Fact({ term, value, title }: FactProps) {
  return (
    <div className="fact" title={title}>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** Leaves out leading zeros: `0000_000123` -> `0_123`. */
function shorten(offset: string): string {
  return offset.replace(/\b0+(?=\d)|(?<=_)0+(?=\d)/g, '')
}
