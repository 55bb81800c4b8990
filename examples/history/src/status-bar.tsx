import { duration, number, useStore } from '@streamdb/example-shared/page'
import { useStreamStatus } from '@streamdb/react'
import type { Status } from '@streamdb/react'
import { useHistory } from './history-context.ts'

/** What each status is called, and how it looks. */
const shown: Record<Status['name'], readonly [label: string, tone: 'good' | 'busy' | 'bad']> = {
  idle: ['Not started', 'busy'],
  connecting: ['Connecting', 'busy'],
  'catching-up': ['Catching up', 'busy'],
  live: ['Live', 'good'],
  offline: ['Offline', 'bad'],
  reconnecting: ['Reconnecting', 'bad'],
  'needs-auth': ['Refused', 'bad'],
  ended: ['Ended', 'busy'],
  failed: ['Failed', 'bad'],
  closed: ['Closed', 'bad'],
}

/** The bar at the bottom: how the page stands with the log. */
export function StatusBar() {
  const status = useStreamStatus()
  const { events, rows, offset, firstLoad } = useStore(useHistory().reading)
  const [label, tone] = shown[status.name]

  return (
    <footer className="status">
      <span className={`connection ${tone}`} role="status">
        <span className="light" aria-hidden="true" />
        {label}
      </span>
      <dl>
        <Fact term="offset" value={offset === undefined ? '–' : shorten(offset)} title={offset} />
        <Fact term="events" value={number(events)} title="Events read since the page was opened" />
        <Fact term="rows" value={number(rows)} title="Commits, authors and files that there are" />
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

/** Leaves out the zeros that an offset begins with: `0000_000123` -> `0_123`. */
function shorten(offset: string): string {
  return offset.replace(/\b0+(?=\d)|(?<=_)0+(?=\d)/g, '')
}
